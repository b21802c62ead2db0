/**
 * Derives a page's colours from one brand colour: the filled button and its text, accent as text, tint, edge and
 * focus ring, each corrected until WCAG AA holds (4.5:1 text, 3:1 parts of controls). This works for any colour.
 */
import { blend, contrast, lightnessOf, shadeUntil, withLightness, type Hex } from './colour';
import { day, night, type Palette } from './palette';

export interface Accent {
	/** Background of the primary button. */
	readonly accent: Hex;
	readonly 'accent-hover': Hex;
	/** Text on it, also while hovered. */
	readonly 'accent-ink': Hex;
	/** The accent as text on any background and on its own tint. */
	readonly 'accent-text': Hex;
	readonly 'accent-soft': Hex;
	/** Border of the button: seen even if the brand is as pale as the page. */
	readonly 'accent-edge': Hex;
	readonly ring: Hex;
}

const TEXT = 4.5;
const CONTROL = 3;
/** On dark backgrounds a link with the minimum contrast looks dull, and so does a focus ring anywhere. */
const NIGHT_TEXT = 6.5;
const RING = 4.5;
const white: Hex = '#ffffff';
const dark: Hex = '#08110e';

const against = (grounds: readonly Hex[], ratio: number) => (colour: Hex) =>
	grounds.every((ground) => contrast(colour, ground) >= ratio);

interface Fill {
	readonly fill: Hex;
	readonly ink: Hex;
}

/** Brands expect white text: a colour nearly dark enough for it is darkened a little. */
function fillByDay(brand: Hex): Fill {
	if (contrast(brand, white) < CONTROL)
		return { fill: shadeUntil(brand, 'lighter', against([dark], TEXT)), ink: dark };
	return { fill: shadeUntil(brand, 'darker', against([white], TEXT)), ink: white };
}

/**
 * A dark brand colour is first made lighter than the dark background; then white text if it can be read, else dark.
 */
function fillByNight(brand: Hex): Fill {
	const lifted = shadeUntil(brand, 'lighter', against([night.surface, night.page], CONTROL));
	if (contrast(lifted, white) >= TEXT) return { fill: lifted, ink: white };
	return { fill: shadeUntil(lifted, 'lighter', against([dark], TEXT)), ink: dark };
}

/**
 * Moves the fill away from the text colour, so that hovering never costs contrast; at black or white it moves back.
 */
function hoverOf({ fill, ink }: Fill): Hex {
	const lightness = lightnessOf(fill);
	const step = ink === white ? -0.055 : 0.055;
	const away = lightness + step;
	return withLightness(fill, away > 0.08 && away < 0.99 ? away : lightness - 2 * step);
}

function accentOn(palette: Palette, { fill, ink }: Fill, tint: number): Accent {
	const direction = palette === night ? 'lighter' : 'darker';
	const soft = blend(palette.surface, fill, tint);
	const all: Hex[] = [palette.page, palette.surface, palette.sunken, palette.raised, soft];
	return {
		accent: fill,
		'accent-hover': hoverOf({ fill, ink }),
		'accent-ink': ink,
		'accent-text': shadeUntil(fill, direction, against(all, palette === night ? NIGHT_TEXT : TEXT)),
		'accent-soft': soft,
		'accent-edge': shadeUntil(fill, direction, against([palette.surface, palette.page], CONTROL)),
		ring: shadeUntil(fill, direction, against(all, RING)),
	};
}

/** The accent family for light pages. `brand` is `#rrggbb`. */
export const accentByDay = (brand: Hex): Accent => accentOn(day, fillByDay(brand), 0.11);

/** The accent family for dark pages. `brand` is `#rrggbb`. */
export const accentByNight = (brand: Hex): Accent => accentOn(night, fillByNight(brand), 0.17);
