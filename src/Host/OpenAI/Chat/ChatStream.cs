using System.IO.Pipelines;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Errors;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Chat;

/// <summary>
/// Streams one run as chat chunks, each update flushed as it comes. The response begins with the first thing to say (or after a
/// long silence, with a comment), so that a run that fails before has an answer with the status of its error.
/// </summary>
internal sealed class ChatStream(HttpContext context, ChatRequest request) : IAsyncDisposable
{
    private readonly SseWriter _writer = new(context.Response.BodyWriter);
    private readonly HashSet<string> _callers = [.. request.Tools.Select(t => t.Name)];
    private ChatChunks _chunks = null!;

    public async Task WriteAsync(RunHandle run)
    {
        _chunks = new ChatChunks(run.Record, _writer);
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        await using var events = new EventReader(run.ReadEventsAsync(0, context.RequestAborted), time, context.RequestAborted);
        while (await events.MoveNextAsync(StayAliveAsync))
        {
            if (events.Current is RunEvent.Updated updated) await WriteAsync(updated.Update);
            else if (events.Current is RunEvent.Ended ended) await EndAsync(ended.Run);
        }
    }

    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        return default;
    }

    private async Task WriteAsync(ChatResponseUpdate update)
    {
        var any = false;
        // A tool's results have a role of their own; they are the host's.
        if (update.Role is { } role && role != ChatRole.Assistant) return;
        for (var i = 0; i < update.Contents.Count; i++) any |= Append(update.Contents[i]);
        if (any) await FlushAsync();
    }

    /// <returns>Whether there was something to tell.</returns>
    private bool Append(AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                _chunks.AppendText(text.Text);
                return true;
            case ErrorContent error when Refusals.Are(error):
                _chunks.AppendRefusal(error.Message);
                return true;
            case FunctionCallContent call when _callers.Contains(call.Name):
                _chunks.AppendCall(call);
                return true;
            default:
                return false;
        }
    }

    private async Task EndAsync(RunRecord run)
    {
        if (ChatEndpoints.FailureOf(run) is { } failure)
        {
            await FailAsync(failure);
            return;
        }

        // A run that had ended before has no updates any more, but its record tells what they told.
        if (!_chunks.HasBegun) AppendAll(run);
        // Calls of tools that nobody gave show only now that no plugin answered them.
        foreach (var call in ChatAnswer.CallsOf(run)) _chunks.AppendCall(call);
        _chunks.AppendEnd(ChatAnswer.FinishReasonOf(run));
        if (request.IncludeUsage && ChatAnswer.UsageOf(run) is { } usage) _chunks.AppendUsage(usage);
        _writer.AppendText("[DONE]");
        await FlushAsync();
    }

    private void AppendAll(RunRecord run)
    {
        if (ChatAnswer.TextOf(run) is { Length: > 0 } text) _chunks.AppendText(text);
        if (ChatAnswer.RefusalOf(run) is { } refusal) _chunks.AppendRefusal(refusal);
    }

    /// <summary>Without an end mark, so that half an answer does not look like a whole one.</summary>
    private async Task FailAsync(Problem failure)
    {
        var error = MappedError.From(failure);
        if (!context.Response.HasStarted)
        {
            await ErrorShape.WriteAsync(context, error);
            return;
        }

        _writer.Append("", new ErrorBody(error.Error), WireJson.Default.ErrorBody);
        await FlushAsync();
    }

    private async Task StayAliveAsync()
    {
        Begin();
        await _writer.WriteCommentAsync(context.RequestAborted);
    }

    private ValueTask<FlushResult> FlushAsync()
    {
        Begin();
        return _writer.FlushAsync(context.RequestAborted);
    }

    private void Begin()
    {
        if (!context.Response.HasStarted) EventStream.SetHead(context);
    }
}
