using Microsoft.Extensions.AI;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Tools;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Chat;

/// <summary>Puts what a run says into chunks of one choice, in the order that clients count on: the role first, the reason of the end last.</summary>
internal sealed class ChatChunks(RunRecord run, SseWriter output)
{
    private readonly long _created = ChatAnswer.CreatedOf(run);
    private readonly HashSet<string> _calls = [];

    /// <summary>Whether anything was said.</summary>
    public bool HasBegun { get; private set; }

    public void AppendText(string text)
    {
        Begin("");
        Append(new ChatDelta { Content = text });
    }

    public void AppendRefusal(string text)
    {
        Begin(null);
        Append(new ChatDelta { Refusal = text });
    }

    /// <summary>A call, unless it was told already: its head, then its arguments.</summary>
    public void AppendCall(FunctionCallContent call)
    {
        var index = _calls.Count;
        if (!_calls.Add(call.CallId)) return;
        Begin(null);
        Append(new ChatToolCallDelta(index, new ChatFunctionDelta("") { Name = call.Name }) { Id = call.CallId, Type = ChatAnswer.Function });
        Append(new ChatToolCallDelta(index, new ChatFunctionDelta(FunctionArguments.ToText(call))));
    }

    public void AppendEnd(string reason)
    {
        Begin("");
        Append(new ChatDelta(), reason);
    }

    public void AppendUsage(ChatUsage usage) => Append([], usage);

    private void Begin(string? content)
    {
        if (HasBegun) return;
        HasBegun = true;
        Append(new ChatDelta { Role = ChatAnswer.Assistant, Content = content });
    }

    private void Append(ChatToolCallDelta call) => Append(new ChatDelta { ToolCalls = [call] });

    private void Append(ChatDelta delta, string? reason = null) => Append([new ChatChunkChoice(0, delta, reason)], null);

    private void Append(IReadOnlyList<ChatChunkChoice> choices, ChatUsage? usage) =>
        output.Append("", new ChatChunk(run.Id, "chat.completion.chunk", _created, run.Agent, choices) { Usage = usage }, WireJson.Default.ChatChunk);
}
