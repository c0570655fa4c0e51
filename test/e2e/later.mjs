// Imported into the bot's process before its own code: each SIGUSR2 makes it ten minutes later there.
const now = Date.now;
let aheadMs = 0;
Date.now = () => now() + aheadMs;
process.on('SIGUSR2', () => {
  aheadMs += 600_000;
  process.stderr.write('it is later\n');
});
