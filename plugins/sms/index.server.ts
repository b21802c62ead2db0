/** A normalised phone number (E.164), and the text that carries a code to it. */
import {
	getCountries,
	getCountryCallingCode,
	isSupportedCountry,
	parsePhoneNumberFromString,
	type CountryCode,
} from 'libphonenumber-js/min';
import { z } from 'zod';
import { definePlugin, PluginFailure, type CodeToCompose } from '@menshen/plugin-kit';
import manifest from './manifest.json';
import { sentenceFor } from './wording';

const callingCodes = new Set(getCountries().map((country) => `+${getCountryCallingCode(country)}`));
/** `HK`, or `+852`. */
const isCountry = (text: string): boolean => isSupportedCountry(text) || callingCodes.has(text);

const configSchema = z.object({
	defaultRegion: z.custom<CountryCode>((value) => typeof value === 'string' && isSupportedCountry(value)),
	countries: z
		.string()
		.default('')
		.transform((text) => text.split(/[,，、;；\s]+/).filter(Boolean))
		.refine((all) => all.every(isCountry)),
});
type Config = z.output<typeof configSchema>;

/** As long as what a person types may be, spaces and signs included. */
const longest = 32;

function normalise(typed: string, region: CountryCode): string | undefined {
	if (typed.length > longest) return undefined;
	const parsed = parsePhoneNumberFromString(typed.normalize('NFKC'), region);
	return parsed?.isPossible() ? parsed.number : undefined;
}

/** @throws PluginFailure `unserved`; a number of no known country is served only by its calling code */
function requireServed(to: string, countries: readonly string[]): void {
	if (countries.length === 0) return;
	const number = parsePhoneNumberFromString(to);
	const names: readonly unknown[] = [number?.country, `+${number?.countryCallingCode ?? ''}`];
	if (!countries.some((each) => names.includes(each)))
		throw new PluginFailure('unserved', `nothing is sent to ${names.filter(Boolean).join(', ')}`);
}

const longestName = 30;

/** One line of visible signs: an app's name must not contain a second message. */
const nameOf = (appName: string): string =>
	[...appName.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim()].slice(0, longestName).join('');

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	code: {
		normalise: ({ typed }, { config }) => normalise(typed, config.defaultRegion),
		compose({ code, purpose, appName, minutes, link, to }: CodeToCompose, { locale, config }) {
			if (to !== undefined) requireServed(to, config.countries);
			const app = nameOf(appName);
			const sentence = sentenceFor(locale, purpose, { code, minutes, appName: app });
			return {
				text: link ? `${sentence} ${link}` : sentence,
				params: { code, minutes: String(minutes), app },
			};
		},
	},
});
