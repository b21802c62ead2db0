/** Colour arithmetic: WCAG 2.2 contrast, and lightness in OKLCH so that a corrected brand colour keeps its hue. */

/** A colour as `#rrggbb`. */
export type Hex = string;

interface Oklch {
	/** 0 black … 1 white */
	readonly lightness: number;
	readonly chroma: number;
	/** radians */
	readonly hue: number;
}

type Triple = readonly [number, number, number];

const dot = (row: Triple, [a, b, c]: Triple): number => row[0] * a + row[1] * b + row[2] * c;
const apply = ([x, y, z]: readonly [Triple, Triple, Triple], value: Triple): Triple => [
	dot(x, value),
	dot(y, value),
	dot(z, value),
];

function channelsOf(hex: Hex): Triple {
	const value = Number.parseInt(hex.slice(1), 16);
	return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** sRGB transfer function (IEC 61966-2-1), as WCAG's relative luminance uses it. */
function toLinear(channel: number): number {
	const value = channel / 255;
	return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function fromLinear(value: number): number {
	return 255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);
}

const toHex = (channels: Triple): Hex =>
	`#${channels
		.map((channel) =>
			Math.round(Math.min(255, Math.max(0, channel)))
				.toString(16)
				.padStart(2, '0'),
		)
		.join('')}`;

const linearOf = (hex: Hex): Triple => {
	const [r, g, b] = channelsOf(hex);
	return [toLinear(r), toLinear(g), toLinear(b)];
};

/** Relative luminance, 0 to 1 (WCAG 2.2, definitions). */
function luminance(hex: Hex): number {
	return dot([0.2126, 0.7152, 0.0722], linearOf(hex));
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2 §1.4.3). */
export function contrast(one: Hex, other: Hex): number {
	const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (high + 0.05) / (low + 0.05);
}

/** `share` of `colour` laid over `ground`, in sRGB as a browser blends it. */
export function blend(ground: Hex, colour: Hex, share: number): Hex {
	const [r, g, b] = channelsOf(colour);
	const under = channelsOf(ground);
	return toHex([
		under[0] + (r - under[0]) * share,
		under[1] + (g - under[1]) * share,
		under[2] + (b - under[2]) * share,
	]);
}

// The matrices are Björn Ottosson's: https://bottosson.github.io/posts/oklab/
const toLms: readonly [Triple, Triple, Triple] = [
	[0.4122214708, 0.5363325363, 0.0514459929],
	[0.2119034982, 0.6806995451, 0.1073969566],
	[0.0883024619, 0.2817188376, 0.6299787005],
];
const toLab: readonly [Triple, Triple, Triple] = [
	[0.2104542553, 0.793617785, -0.0040720468],
	[1.9779984951, -2.428592205, 0.4505937099],
	[0.0259040371, 0.7827717662, -0.808675766],
];
const fromLab: readonly [Triple, Triple, Triple] = [
	[1, 0.3963377774, 0.2158037573],
	[1, -0.1055613458, -0.0638541728],
	[1, -0.0894841775, -1.291485548],
];
const fromLms: readonly [Triple, Triple, Triple] = [
	[4.0767416621, -3.3077115913, 0.2309699292],
	[-1.2684380046, 2.6097574011, -0.3413193965],
	[-0.0041960863, -0.7034186147, 1.707614701],
];

function toOklch(hex: Hex): Oklch {
	const [l, m, s] = apply(toLms, linearOf(hex));
	const [lightness, a, b] = apply(toLab, [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)]);
	return { lightness, chroma: Math.hypot(a, b), hue: Math.atan2(b, a) };
}

function toLinearRgb({ lightness, chroma, hue }: Oklch): Triple {
	const [l, m, s] = apply(fromLab, [lightness, chroma * Math.cos(hue), chroma * Math.sin(hue)]);
	return apply(fromLms, [l ** 3, m ** 3, s ** 3]);
}

/** A colour that a screen cannot show gives up colourfulness, not lightness: contrast depends on the latter. */
function fromOklch(colour: Oklch): Hex {
	const shown = (value: Triple) => value.every((channel) => channel >= -0.0005 && channel <= 1.0005);
	let current = colour;
	for (let step = 0; step < 24 && !shown(toLinearRgb(current)); step += 1)
		current = { ...current, chroma: current.chroma * 0.88 };
	const [r, g, b] = toLinearRgb(shown(toLinearRgb(current)) ? current : { ...current, chroma: 0 });
	return toHex([fromLinear(Math.max(0, r)), fromLinear(Math.max(0, g)), fromLinear(Math.max(0, b))]);
}

/** Lightness of a colour, 0 to 1. */
export function lightnessOf(hex: Hex): number {
	return toOklch(hex).lightness;
}

/** The same hue at another lightness (0 black … 1 white). */
export function withLightness(hex: Hex, lightness: number): Hex {
	if (lightness <= 0) return '#000000';
	if (lightness >= 1) return '#ffffff';
	return fromOklch({ ...toOklch(hex), lightness });
}

/** The nearest shade in `direction` that `fits`; at the end of the way black or white, fitting or not. */
export function shadeUntil(hex: Hex, direction: 'darker' | 'lighter', fits: (shade: Hex) => boolean): Hex {
	const step = direction === 'darker' ? -0.01 : 0.01;
	const start = lightnessOf(hex);
	for (let taken = 0, shade = hex; ; taken += 1) {
		const lightness = start + taken * step;
		const atEnd = taken > 0 && (lightness <= 0 || lightness >= 1);
		if (taken > 0) shade = withLightness(hex, lightness);
		if (atEnd || fits(shade)) return shade;
	}
}
