/** Email through Aliyun DirectMail: SingleSendMail of dm 2015-11-23. */
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type Delivery,
	type OutgoingMessage,
	type PluginContext,
} from '@menshen/plugin-kit';
import { acs3Request } from '@menshen/plugin-kit/acs3';
import { handOver, receiptOf, undelivered } from '@menshen/plugin-kit/delivery';
import { fateOfCode, testFailureOf } from './failures';
import manifest from './manifest.json';
import { addressesSchema, sentSchema } from './replies';

const configSchema = z.object({
	accessKeyId: z.string(),
	accessKeySecret: z.string(),
	accountName: z.string(),
	fromAlias: z.string().max(14).optional(),
	replyToAddress: z.boolean(),
});
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;
type Form = Readonly<Record<string, string>>;

/** In a form body: a mail is longer than an address may be, and codes do not belong into one. */
const requestFor = (action: string, form: Form, context: Context) =>
	acs3Request({ endpoint: 'api', action, version: '2015-11-23', form }, context, context.config);

/** One mailbox. The vendor splits a list at commas, and then the code would reach other people as well. */
const mailbox = /^[^\s,;:<>()[\]"\\@]+@[^\s,;:<>()[\]"\\@]+$/;
const longestSubject = 100;

function formOf(message: OutgoingMessage, config: Config): Form {
	if (!mailbox.test(message.to)) throw undelivered('never', 'not one email address');
	return {
		AccountName: config.accountName,
		AddressType: '1',
		ReplyToAddress: String(config.replyToAddress),
		ToAddress: message.to,
		Subject: [...message.subject].slice(0, longestSubject).join(''),
		TextBody: message.text,
		...(message.html ? { HtmlBody: message.html } : {}),
		...(config.fromAlias ? { FromAlias: config.fromAlias } : {}),
		// Links contain tokens, so click tracking must not follow them before the reader.
		ClickTrace: '0',
	};
}

async function deliver(message: OutgoingMessage, context: Context): Promise<Delivery> {
	const request = requestFor('SingleSendMail', formOf(message, context.config), context);
	const reply = await handOver(context, 'api', request);
	const answer = receiptOf(reply, sentSchema);
	if ('Code' in answer) throw undelivered(fateOfCode(answer.Code, reply.status), answer.Code, { reply });
	return { status: 'delivered', reference: answer.EnvId };
}

async function selfTest(context: Context): Promise<void> {
	const { accountName } = context.config;
	const request = requestFor(
		'QueryMailAddressByParam',
		{ KeyWord: accountName, PageNo: '1', PageSize: '10' },
		context,
	);
	const reply = await context.http('api', request);
	const answer = jsonOf(reply, addressesSchema);
	if ('Code' in answer) throw testFailureOf(answer.Code, reply.status);
	const found = answer.data.mailAddress.find(
		(each) => each.AccountName.toLowerCase() === accountName.toLowerCase(),
	);
	if (!found) throw new PluginFailure('config', 'the sender address is not set up in DirectMail');
	if (found.AccountStatus !== '0')
		throw new PluginFailure('config', `the sender address is not in use: status ${found.AccountStatus}`);
}

export default definePlugin<Config>({ manifest, config: configSchema, selfTest, sender: { deliver } });
