using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Anthropic.Wire;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Items;

namespace PluginHost.Anthropic.Messages;

/// <summary>
/// What a model's server needs back with the calls of a message, and the caller does not see: reasoning that was not asked for, and what
/// came beside message and calls. The caller gets it before the first call, in blocks that clients return unread.
/// </summary>
/// <param name="showsThinking">Whether the caller sees the reasoning.</param>
internal sealed class HiddenReasoning(bool showsThinking)
{
    private readonly List<(TextReasoningContent Head, StringBuilder Text, string? Data)> _reasoning = [];
    private readonly List<AIContent> _beside = [];
    private bool _isSeparate;

    /// <summary>Notes what is beside the calls before they are given.</summary>
    public void LookAhead(IList<AIContent> contents, Func<FunctionCallContent, bool> isCallers) => CallNotes.Collect(contents, isCallers, _beside);

    public void Add(AIContent content)
    {
        if (showsThinking) return;
        if (content is TextReasoningContent reasoning && WireContent.GetOrigin(reasoning) is not null) Add(reasoning);
        else if (OutputItems.IsBoundary(content)) _isSeparate = true;
    }

    /// <summary>The blocks before a call; none before the calls behind it.</summary>
    public IReadOnlyList<AnswerBlock> Take()
    {
        List<AnswerBlock> blocks = [.. _reasoning.Select(static r => new RedactedThinkingAnswer(ReasoningEnvelope.WriteWhole(r.Head, r.Text.ToString(), r.Data)))];
        if (CallNotes.Create(_beside) is { } note) blocks.Add(new RedactedThinkingAnswer(ReasoningEnvelope.WriteNote(note)));
        Clear();
        return blocks;
    }

    public void Clear()
    {
        _reasoning.Clear();
        _beside.Clear();
        _isSeparate = false;
    }

    private void Add(TextReasoningContent reasoning)
    {
        if (_isSeparate || _reasoning is not [.., var last] || last.Data is not null || WireContent.GetForm(last.Head) != WireContent.GetForm(reasoning))
            _reasoning.Add(last = (reasoning, new StringBuilder(), null));
        last.Text.Append(reasoning.Text);
        if (reasoning.ProtectedData is { Length: > 0 } data) _reasoning[^1] = last with { Data = data };
        _isSeparate = false;
    }
}
