/** What node:http alone can do: 200 bytes of JSON. */
import { createServer } from 'node:http';

const body = JSON.stringify({ text: 'x'.repeat(189) });
const server = createServer((_req, res) => {
	res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
	res.end(body);
});
server.listen(0, '127.0.0.1', () => process.send({ issuer: `http://127.0.0.1:${server.address().port}` }));
process.on('message', () => process.send(process.memoryUsage()));
process.on('disconnect', () => process.exit(0));
