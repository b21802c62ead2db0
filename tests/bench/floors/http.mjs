/** What the stack can do with nothing around it: bare node:http, and the same with one indexed read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const folder = mkdtempSync(join(tmpdir(), 'menshen-floor-'));
const db = new Database(join(folder, 'floor.db'));
db.pragma('journal_mode = WAL');
db.exec('create table session (id text primary key, user_id text, data text)');
const insert = db.prepare('insert into session values (?, ?, ?)');
for (let i = 0; i < 1000; i++) insert.run(`id-${i}`, `user-${i}`, 'x'.repeat(100));
const find = db.prepare('select * from session where id = ?');
const json = Buffer.from(JSON.stringify({ text: 'x'.repeat(188) }));
const headers = { 'content-type': 'application/json', 'content-length': json.length };

const server = createServer((req, res) => {
	if (req.url === '/read') {
		const body = JSON.stringify(find.get(`id-${Math.floor(Math.random() * 1000)}`));
		res
			.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
			.end(body);
	} else res.writeHead(200, headers).end(json);
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => {
	db.close();
	rmSync(folder, { recursive: true, force: true });
	process.exit(0);
});
