import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadFrame, encodeFrame, FrameReader, largestFrame } from './frames';

const head = (length: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(length);
	return bytes;
};

describe('frames', () => {
	it('arrive as they were sent, however they are cut', () => {
		fc.assert(
			fc.property(
				fc.array(fc.jsonValue(), { maxLength: 5 }),
				fc.integer({ min: 1, max: 40 }),
				(values, size) => {
					const wire = Buffer.concat(values.map(encodeFrame));
					const reader = new FrameReader();
					const arrived: unknown[] = [];
					for (let at = 0; at < wire.length; at += size)
						arrived.push(...reader.push(wire.subarray(at, at + size)));
					const plain = JSON.stringify(values, (key, value: unknown) =>
						key === '__proto__' ? undefined : value,
					);
					expect(JSON.stringify(arrived)).toBe(plain);
				},
			),
		);
	});

	it('carry bytes', () => {
		const [arrived] = new FrameReader().push(
			encodeFrame({ body: new Uint8Array([0, 255, 7]), also: Buffer.from('x') }),
		);
		expect(arrived).toEqual({ body: new Uint8Array([0, 255, 7]), also: new Uint8Array([120]) });
	});

	it('drop property names that reach a prototype', () => {
		const text = '{"a":{"__proto__":{"admin":true}},"__proto__":{"admin":true}}';
		const [arrived] = new FrameReader().push(Buffer.concat([head(text.length), Buffer.from(text)])) as [
			{ a: object },
		];
		expect(Object.getPrototypeOf(arrived)).toBe(Object.prototype);
		expect(Object.getOwnPropertyNames(arrived)).toEqual(['a']);
		expect(Object.getOwnPropertyNames(arrived.a)).toEqual([]);
	});

	it('that are too large are refused by their length field, before they are stored', () => {
		expect(() => new FrameReader().push(head(largestFrame + 1))).toThrow(BadFrame);
		expect(() => new FrameReader().push(Buffer.from('<html>'))).toThrow(BadFrame);
	});

	it.each(['', '{', 'undefined', '{"a":1'])('with invalid JSON (%s) are refused', (text) => {
		expect(() => new FrameReader().push(Buffer.concat([head(text.length), Buffer.from(text)]))).toThrow(
			BadFrame,
		);
	});
});
