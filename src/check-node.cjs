// Plain JavaScript on purpose: a Node that is too old cannot even load the TypeScript it would refuse.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `Myna needs Node 22.19 or newer; this is ${process.versions.node}.\n` +
      'Run "npm ci" first: it installs the right Node for "npm start", and no other setup is needed.',
  );
  process.exit(78);
}
