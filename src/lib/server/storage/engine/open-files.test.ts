import { describe, expect, it, vi } from 'vitest';
import { OpenFiles, type OpenFile } from './open-files';

interface Probe extends OpenFile {
	name: string;
	released: number;
}

/** A file that closes on request, unless it is being read through a cursor. */
function fileOf(files: OpenFiles, name: string, streaming = () => false): Probe {
	const file: Probe = {
		name,
		used: false,
		released: 0,
		release: async () => {
			if (streaming()) return false;
			file.released += 1;
			files.closed(file);
			return true;
		},
	};
	return file;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('open files', () => {
	it('are all kept while there is room', async () => {
		const files = new OpenFiles(3);
		const all = ['a', 'b', 'c'].map((name) => fileOf(files, name));
		for (const file of all) files.opened(file);
		await settled();
		expect(files.size).toBe(3);
		expect(all.map(({ released }) => released)).toEqual([0, 0, 0]);
	});

	it('are closed for a new one, which itself stays open', async () => {
		const files = new OpenFiles(2);
		const all = ['a', 'b', 'c', 'd', 'e'].map((name) => fileOf(files, name));
		for (const file of all) files.opened(file);
		await settled();
		expect(files.size).toBe(2);
		expect(all.at(-1)?.released).toBe(0);
		expect(all.filter(({ released }) => released === 1)).toHaveLength(3);
	});

	it('stay open while they are used, and are closed when they are not', async () => {
		const files = new OpenFiles(2);
		const busy = fileOf(files, 'busy');
		files.opened(busy);
		for (let i = 0; i < 20; i++) {
			busy.used = true;
			files.opened(fileOf(files, `passing ${i}`));
			await settled();
			expect(files.size).toBe(2);
		}
		expect(busy.released).toBe(0);
		for (let i = 0; i < 3; i++) files.opened(fileOf(files, `later ${i}`));
		await settled();
		expect(busy.released).toBe(1);
	});

	it('count until they are really closed', async () => {
		const files = new OpenFiles(1);
		let finish: () => void = () => undefined;
		const slow: OpenFile = {
			used: false,
			release: () => new Promise((resolve) => (finish = () => (files.closed(slow), resolve(true)))),
		};
		files.opened(slow);
		files.opened(fileOf(files, 'next'));
		expect(files.size).toBe(2);
		finish();
		await settled();
		expect(files.size).toBe(1);
	});

	it('that could not be closed are tried again', async () => {
		const files = new OpenFiles(1);
		const streaming = vi.fn(() => true);
		const read = fileOf(files, 'read', streaming);
		files.opened(read);
		files.opened(fileOf(files, 'b'));
		await settled();
		expect(streaming).toHaveBeenCalled();
		expect(read.released).toBe(0);
		streaming.mockReturnValue(false);
		for (const name of ['c', 'd', 'e']) files.opened(fileOf(files, name));
		await settled();
		expect(read.released).toBe(1);
		expect(files.size).toBe(1);
	});
});
