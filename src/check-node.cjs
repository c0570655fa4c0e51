// Plain JavaScript on purpose: a Node that is too old cannot even load the TypeScript it would refuse.
const { engines } = require('../package.json');

const [least] = engines.node.match(/\d+/);
const { node: version } = process.versions;
if (Number.parseInt(version, 10) < Number(least)) {
  console.error(
    `Myna needs Node ${least} or newer; this is ${version}.\n` +
      'Run "npm ci" first: it installs the right Node for "npm start", and no other setup is needed.',
  );
  process.exit(78);
}
