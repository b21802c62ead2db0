import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast } from '../server/domain/colour';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

function valuesAfter(marker: string): Map<string, string> {
	const start = css.indexOf('{', css.indexOf(marker));
	const body = css.slice(start + 1, css.indexOf('}', start));
	const pairs = [...body.matchAll(/--([\w-]+):\s*([^;]+);/g)];
	return new Map(pairs.map(([, name = '', value = '']) => [name, value.trim()]));
}

const day = valuesAfter(':root {');
const nightOfSystem = valuesAfter(":root:not([data-theme='light']) {");
const night = valuesAfter(":root[data-theme='dark'] {");

const grounds = ['page', 'surface', 'sunken', 'raised'];
const texts = ['ink', 'muted', 'faint', 'accent-text', 'danger', 'success', 'warning'];

describe.each([
	['day', day],
	['night', night],
])('by %s', (_name, values) => {
	const ratio = (one: string, other: string) => contrast(values.get(one) ?? '', values.get(other) ?? '');

	it.each(texts)('%s is readable on every ground', (text) => {
		const wanted = text === 'faint' ? ['surface', 'raised'] : grounds;
		for (const ground of wanted)
			expect([text, ground, ratio(text, ground)]).toSatisfy(([, , r]) => Number(r) >= 4.5);
	});

	it.each(['danger', 'success', 'warning', 'accent-text'])('%s is readable on its own tint', (text) => {
		expect(ratio(text, `${text.replace('-text', '')}-soft`)).toBeGreaterThanOrEqual(4.5);
	});

	it.each(['accent', 'danger', 'success', 'warning'])('normal text is readable on the tint of %s', (tone) => {
		expect(ratio('ink', `${tone}-soft`)).toBeGreaterThanOrEqual(7);
	});

	it('the edge of a field and the focus ring are seen on every ground', () => {
		for (const ground of ['surface', 'page']) expect(ratio('line-strong', ground)).toBeGreaterThanOrEqual(3);
		for (const ground of grounds) expect(ratio('ring', ground)).toBeGreaterThanOrEqual(3);
	});

	it('white text is readable on the danger button', () => {
		expect(contrast('#ffffff', values.get('danger-fill') ?? '')).toBeGreaterThanOrEqual(4.5);
	});
});

describe('night', () => {
	it('is the same whether the system or the page asks for it', () => {
		expect(nightOfSystem.size).toBeGreaterThan(20);
		expect([...nightOfSystem]).toEqual([...night]);
	});

	it('gives every colour of the day a value of its own', () => {
		const colours = [...day].filter(([, value]) => /^(#|rgb)/.test(value)).map(([name]) => name);
		expect(colours.filter((name) => !night.has(name))).toEqual([]);
	});
});
