/** A phone number in its one form (E.164), and the text that carries a code to it. */
import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { z } from 'zod';
import { definePlugin, type CodeToCompose } from '@menshen/plugin-kit';
import manifest from './manifest.json';
import { sentenceFor } from './wording';

const configSchema = z.object({
	defaultRegion: z.custom<CountryCode>((value) => typeof value === 'string' && isSupportedCountry(value)),
});
type Config = z.output<typeof configSchema>;

/** As long as what a person types may be, spaces and signs included. */
const longest = 32;

function normalise(typed: string, region: CountryCode): string | undefined {
	if (typed.length > longest) return undefined;
	const parsed = parsePhoneNumberFromString(typed.normalize('NFKC'), region);
	return parsed?.isPossible() ? parsed.number : undefined;
}

const longestName = 30;

/** One line of visible signs: an app's name is no place for a second message. */
const nameOf = (appName: string): string =>
	[...appName.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim()].slice(0, longestName).join('');

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	code: {
		normalise: ({ typed }, { config }) => normalise(typed, config.defaultRegion),
		compose({ code, purpose, appName, minutes, link }: CodeToCompose, { locale }) {
			const app = nameOf(appName);
			const sentence = sentenceFor(locale, purpose, { code, minutes, appName: app });
			return {
				text: link ? `${sentence} ${link}` : sentence,
				params: { code, minutes: String(minutes), app },
			};
		},
	},
});
