/** A message before it is queued. */
export interface Letter {
	channel: 'email' | 'sms';
	/** Why it is sent, e.g. `recover`. */
	purpose: string;
	to: string;
	subject: string;
	text: string;
	/** HTML of an email, beside the text. */
	html?: string;
	/** The values inside: for providers with templates, and for an app's own words. */
	params: Readonly<Record<string, string>>;
	locale: 'en' | 'zh-CN';
}
