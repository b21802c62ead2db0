/** SMS through Aliyun Short Message Service: SendSms of dysmsapi 2017-05-25. */
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type Delivery,
	type OutgoingMessage,
	type PluginContext,
} from '@menshen/plugin-kit';
import { acs3Request, type Acs3Call } from '@menshen/plugin-kit/acs3';
import { handOver, receiptOf, templateFor, undelivered } from '@menshen/plugin-kit/delivery';
import { fateOfCode, testFailureOf } from './failures';
import manifest from './manifest.json';
import { sentSchema, signSchema, templateSchema } from './replies';

const configSchema = z.object({
	accessKeyId: z.string(),
	accessKeySecret: z.string(),
	signName: z.string(),
	templateCode: z.string(),
	templateSignIn: z.string().optional(),
	templateRegister: z.string().optional(),
	templateRecover: z.string().optional(),
	templateVerify: z.string().optional(),
});
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

const requestFor = (action: string, query: Acs3Call['query'], context: Context) =>
	acs3Request({ endpoint: 'api', action, version: '2017-05-25', query }, context, context.config);

/** Chinese numbers go without their country code, all others with it and without the plus. */
function numberOf(to: string): string {
	if (!/^\+[1-9]\d{6,14}$/.test(to)) throw undelivered('never', 'not one phone number');
	return to.replace(/^\+(?:86(?=1\d{10}$))?/, '');
}

async function deliver(message: OutgoingMessage, context: Context): Promise<Delivery> {
	const { template, code } = templateFor(message, context.config);
	const request = requestFor(
		'SendSms',
		{
			PhoneNumbers: numberOf(message.to),
			SignName: context.config.signName,
			TemplateCode: template,
			TemplateParam: JSON.stringify({ code }),
			OutId: message.id,
		},
		context,
	);
	const reply = await handOver(context, 'api', request);
	const { Code, BizId } = receiptOf(reply, sentSchema);
	// The status is 200 for most refusals as well.
	if (Code !== 'OK') throw undelivered(fateOfCode(Code, reply.status), Code, { reply });
	return { status: 'delivered', ...(BizId ? { reference: BizId } : {}) };
}

async function ask<T extends { Code: string }>(call: {
	action: string;
	query: Readonly<Record<string, string>>;
	schema: z.ZodType<T>;
	context: Context;
}): Promise<T> {
	const { action, query, schema, context } = call;
	const reply = await context.http('api', requestFor(action, query, context));
	const answer = jsonOf(reply, schema);
	if (answer.Code !== 'OK') throw testFailureOf(action, answer.Code, reply.status);
	return answer;
}

async function selfTest(context: Context): Promise<void> {
	const { config } = context;
	const sign = await ask({
		action: 'QuerySmsSign',
		query: { SignName: config.signName },
		schema: signSchema,
		context,
	});
	if (sign.SignStatus !== 1)
		throw new PluginFailure('config', `the signature is not approved: status ${sign.SignStatus}`);
	const { templateSignIn, templateRegister, templateRecover, templateVerify } = config;
	const codes = [config.templateCode, templateSignIn, templateRegister, templateRecover, templateVerify];
	for (const TemplateCode of new Set(codes.flatMap((each) => each || []))) {
		const { TemplateStatus: status } = await ask({
			action: 'QuerySmsTemplate',
			query: { TemplateCode },
			schema: templateSchema,
			context,
		});
		if (status !== 1)
			throw new PluginFailure('config', `template ${TemplateCode} is not approved: status ${status}`);
	}
}

export default definePlugin<Config>({ manifest, config: configSchema, selfTest, sender: { deliver } });
