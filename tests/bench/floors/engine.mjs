/** The engine with nothing around it and none of its options, for how long it takes to start. */
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const port = Number(process.env.PORT);
const provider = new Provider(`http://127.0.0.1:${port}`, {});
createServer(provider.callback()).listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
