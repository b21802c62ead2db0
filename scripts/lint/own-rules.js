/** Two rules of our own about comments. A suppression says why; work left over names its issue. */

/** Reports each comment for which `isFault` is true. */
const commentRule = (message, isFault) => ({
	meta: { type: 'problem', schema: [], messages: { fault: message } },
	create: (context) => ({
		Program() {
			for (const comment of context.sourceCode.getAllComments())
				if (isFault(comment.value)) context.report({ loc: comment.loc, messageId: 'fault' });
		},
	}),
});

const suppression = /^\s*eslint-disable/;
const reason = /--\s*\S{3,}\s+\S+/;
const todo = /\b(TODO|FIXME|XXX)\b/;

export default {
	rules: {
		'reason-for-suppression': commentRule(
			'Say why after "--".',
			(text) => suppression.test(text) && !reason.test(text),
		),
		'issue-for-todo': commentRule(
			'Name the issue: TODO(#12).',
			(text) => todo.test(text) && !/\b(TODO|FIXME|XXX)\(#\d+\)/.test(text),
		),
	},
};
