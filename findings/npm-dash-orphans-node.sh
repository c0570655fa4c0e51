#!/usr/bin/env bash
# npm 11.19.1 with dash 0.5.12-2 (Debian 12): the shell decides whether SIGTERM to npm ends the server.
#
# One would guess: npm hands the signal on or it does not, whichever shell runs the script; and for
#   `"start": "node server.js"`, one plain command, there is no shell left in between.
# What happens: npm signals its child, the shell. bash has replaced itself by node, which gets the
#   signal and ends in order. dash stays as node's parent and dies; npm ends too, with 143, and
#   node runs on without either, and holds its port. `exec node server.js` mends it.
# Who is hurt: services started by `npm start` on Debian and its images, where sh is dash and it
#   worked on the developer's machine: the stop seems to succeed, the next start finds the port taken.
set -euo pipefail
folder=$(mktemp -d)
survivor=
trap 'kill -KILL $survivor 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund npm@11.19.1 >>npm.log
npm pkg set scripts.start='node server.js' scripts.replaced='exec node server.js'
apt-get -qq download dash=0.5.12-2 2>apt.log
dpkg -x dash_0.5.12-2_*.deb .
if [ -x bin/dash ]; then dash=$folder/bin/dash; else dash=$folder/usr/bin/dash; fi

cat >server.js <<'JS'
const { writeFileSync } = require('node:fs');
process.on('SIGTERM', () => process.exit(0));
setTimeout(() => {}, 60_000);
writeFileSync('pid', String(process.pid));
JS

# Runs a script with a shell, ends npm, and says what became of npm and of node.
end_npm() {
  rm -f pid
  node_modules/.bin/npm run "$1" --script-shell="$2" >run.log 2>&1 &
  local npm=$! code=0
  until [ -s pid ]; do sleep 0.1; done
  survivor=$(cat pid)
  kill -TERM "$npm"
  wait "$npm" || code=$?
  local state=runs
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    sleep 0.1
    kill -0 "$survivor" 2>/dev/null || { state=ended; break; }
  done
  kill -KILL "$survivor" 2>/dev/null || true
  outcome="npm $code, node $state"
}

end_npm start "$(command -v bash)"; in_bash=$outcome
end_npm start "$dash"; in_dash=$outcome
end_npm replaced "$dash"; replaced=$outcome

verdict=changed
if [ "$in_bash" = 'npm 0, node ended' ] && [ "$in_dash" = 'npm 143, node runs' ] &&
  [ "$replaced" = 'npm 0, node ended' ]; then verdict='as found'; fi
echo "$verdict: SIGTERM to npm 11.19.1: bash: $in_bash; dash 0.5.12-2: $in_dash; dash with exec: $replaced"
[ "$verdict" = 'as found' ]
