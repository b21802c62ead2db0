import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { themeSchema } from '../../contract/app-settings';
import { accentByDay, accentByNight, type Accent } from './accent';
import { blend, contrast, lightnessOf, shadeUntil, withLightness } from './colour';
import { day, night, type Palette } from './palette';
import { themeHash, themeStylesheet } from './theme';

const theme = (values: object = {}) => themeSchema.parse(values);
const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
/** Corners of the colour cube and brands at the edges of each rule; fast-check may not meet them by chance. */
const corners = [
	'#000000',
	'#ffffff',
	'#ff0000',
	'#00ff00',
	'#0000ff',
	'#ffff00',
	'#00ffff',
	'#ff00ff',
	'#767676',
];
const tokens = readFileSync(new URL('../../ui/tokens.css', import.meta.url), 'utf8');

/** The custom properties of the first rule whose selector is `selector`. */
function valuesOf(css: string, selector: string): Map<string, string> {
	const start = css.indexOf(`${selector} {`);
	if (start < 0) throw new Error(`no rule ${selector}`);
	const body = css.slice(css.indexOf('{', start) + 1, css.indexOf('}', start));
	return new Map(
		[...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.trim()]),
	);
}

function expectReadable(accent: Accent, palette: Palette): void {
	const everywhere = [palette.page, palette.surface, palette.sunken, palette.raised, accent['accent-soft']];
	for (const ground of everywhere) {
		expect(contrast(accent['accent-text'], ground)).toBeGreaterThanOrEqual(4.5);
		expect(contrast(accent.ring, ground)).toBeGreaterThanOrEqual(3);
	}
	expect(contrast(accent['accent-ink'], accent.accent)).toBeGreaterThanOrEqual(4.5);
	expect(contrast(accent['accent-ink'], accent['accent-hover'])).toBeGreaterThanOrEqual(4.5);
	expect(contrast(accent['accent-edge'], palette.surface)).toBeGreaterThanOrEqual(3);
	expect(contrast(accent['accent-edge'], palette.page)).toBeGreaterThanOrEqual(3);
}

describe('contrast', () => {
	it('is 21 between black and white and 1 of a colour with itself', () => {
		expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
		expect(contrast('#2f6f5e', '#2f6f5e')).toBe(1);
	});

	it('knows the grey that just passes on white', () => {
		expect(contrast('#767676', '#ffffff')).toBeGreaterThanOrEqual(4.5);
		expect(contrast('#777777', '#ffffff')).toBeLessThan(4.5);
	});

	it('does not depend on the order of the colours', () => {
		fc.assert(fc.property(hex, hex, (one, other) => contrast(one, other) === contrast(other, one)));
	});
});

describe('lightness', () => {
	it('puts a colour back where it was', () => {
		fc.assert(
			fc.property(hex, (colour) => {
				expect(contrast(withLightness(colour, lightnessOf(colour)), colour)).toBeLessThan(1.05);
			}),
		);
	});

	it('ends in black and white when nothing fits', () => {
		expect(shadeUntil('#2f6f5e', 'darker', () => false)).toBe('#000000');
		expect(shadeUntil('#2f6f5e', 'lighter', () => false)).toBe('#ffffff');
		expect(shadeUntil('#000000', 'lighter', () => false)).toBe('#ffffff');
	});

	it('keeps the hue: a darkened brand blue is still mostly blue', () => {
		const [, r, g, b] = /#(..)(..)(..)/.exec(withLightness('#1677ff', 0.45)) ?? [];
		expect(Number.parseInt(b ?? '', 16)).toBeGreaterThan(Number.parseInt(r ?? '', 16));
		expect(Number.parseInt(b ?? '', 16)).toBeGreaterThan(Number.parseInt(g ?? '', 16));
	});

	it('blends as a browser does', () => {
		expect(blend('#ffffff', '#000000', 0.5)).toBe('#808080');
		expect(blend('#102030', '#ffffff', 0)).toBe('#102030');
	});
});

describe('accent', () => {
	it.each(corners)('%s is readable by day and by night', (brand) => {
		expectReadable(accentByDay(brand), day);
		expectReadable(accentByNight(brand), night);
	});

	it('any colour is readable by day and by night', () => {
		fc.assert(
			fc.property(hex, (brand) => {
				expectReadable(accentByDay(brand), day);
				expectReadable(accentByNight(brand), night);
			}),
			{ numRuns: 400 },
		);
	});

	it('normal and secondary text stay readable on the tint of any accent', () => {
		const text = { day: valuesOf(tokens, ':root'), night: valuesOf(tokens, ":root[data-theme='dark']") };
		fc.assert(
			fc.property(hex, (brand) => {
				const light = accentByDay(brand)['accent-soft'];
				const dark = accentByNight(brand)['accent-soft'];
				expect(contrast(text.day.get('ink') ?? '', light)).toBeGreaterThanOrEqual(7);
				expect(contrast(text.day.get('muted') ?? '', light)).toBeGreaterThanOrEqual(4.5);
				expect(contrast(text.night.get('ink') ?? '', dark)).toBeGreaterThanOrEqual(7);
				expect(contrast(text.night.get('muted') ?? '', dark)).toBeGreaterThanOrEqual(4.5);
			}),
		);
	});

	it('leaves a brand alone that is fine as it is', () => {
		expect(accentByDay('#2f6f5e').accent).toBe('#2f6f5e');
		expect(accentByNight('#07c160').accent).toBe('#07c160');
	});

	it('darkens a brand a little for white text, and gives a bright one dark text', () => {
		expect(accentByDay('#1677ff')['accent-ink']).toBe('#ffffff');
		expect(accentByDay('#ffd400')).toMatchObject({ accent: '#ffd400', 'accent-ink': '#08110e' });
	});

	it('a hovered button looks different', () => {
		for (const brand of corners)
			expect(accentByDay(brand)['accent-hover']).not.toBe(accentByDay(brand).accent);
	});
});

describe('themeStylesheet', () => {
	it('changes nothing for the default theme: tokens.css has the same values', () => {
		const { accent } = theme();
		expect(Object.fromEntries(valuesOf(tokens, ':root'))).toMatchObject({ ...accentByDay(accent), ...day });
		expect(Object.fromEntries(valuesOf(tokens, ":root[data-theme='dark']"))).toMatchObject({
			...accentByNight(accent),
			...night,
		});
		expect(valuesOf(tokens, ':root').get('radius')).toBe(`${String(theme().radius)}px`);
	});

	it('has the radius, the light and both dark variants', () => {
		const css = themeStylesheet(theme({ radius: 4, accent: '#C8102E' }));
		expect(css).toContain('--radius:4px');
		expect(css).toContain("@media (prefers-color-scheme:dark){:root:not([data-theme='light']){--accent:");
		expect(css).toContain(":root[data-theme='dark']{--accent:");
	});

	it.each([
		['light', day, accentByDay],
		['dark', night, accentByNight],
	] as const)('is %s for everyone when the theme says so', (mode, palette, accentBy) => {
		const css = themeStylesheet(theme({ mode, accent: '#c8102e' }));
		expect(css).not.toMatch(/@media|data-theme/);
		expect(css).toContain(`color-scheme:${mode}`);
		for (const [name, value] of Object.entries({ ...palette, ...accentBy('#c8102e') }))
			expect(css).toContain(`--${name}:${value}`);
	});

	it("ends with the operator's own css, made harmless", () => {
		const css = themeStylesheet(theme({ css: "@import 'https://evil.example/a.css'; .card { color: red }" }));
		expect(css.endsWith('.card { color: red }')).toBe(true);
		expect(css).not.toContain('evil');
	});
});

describe('themeHash', () => {
	it('changes with the theme and only then', () => {
		expect(themeHash(theme())).toBe(themeHash(theme({ title: 'Tea Ledger' })));
		expect(themeHash(theme())).toMatch(/^[0-9a-f]{16}$/);
		const others = [{ accent: '#c8102e' }, { radius: 3 }, { mode: 'dark' }, { css: '.card{color:red}' }];
		expect(new Set([theme(), ...others.map(theme)].map(themeHash)).size).toBe(5);
	});
});
