using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// Sits between plugins and the model in one run: remembers the model's own errors, to distinguish them from a
/// middleware's, settles the service's session id or strips it, and leaves a model alone that ignores a cancel.
/// </summary>
internal sealed class ModelBoundary(IChatClient model, bool useServiceSession, RunContext run, PluginCaller caller) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string? candidate = null;
        var openCalls = false;
        CallRecorder? call = null;
        var updates = Start(messages, options, ref call, cancellationToken);
        if (call is not null) SentBody.Current = call.Sent;
        using var moves = new BoundedMoves(caller.Time, cancellationToken);
        try
        {
            while (true)
            {
                ChatResponseUpdate update;
                try
                {
                    if (!await moves.WaitAsync(Move(updates))) break;
                    update = updates.Current ?? throw new PluginContractException("The model's client gave null instead of an update.");
                }
                catch (Exception e)
                {
                    call?.Fail(e);
                    throw Failed(e, cancellationToken);
                }

                SentBody.Take(update, call?.Sent);
                call?.Add(update);
                if (update.RawRepresentation is ModelLimits limits) run.Handle.ModelLimits = limits;
                if (!useServiceSession) update.ConversationId = null;
                candidate = update.ConversationId ?? candidate;
                openCalls |= TakeCalls(update.Contents);
                yield return update;
            }
        }
        finally
        {
            // A client that is still busy has been abandoned, and its stream cannot be disposed meanwhile.
            if (!moves.IsMoving) await updates.DisposeAsync();
            call?.End();
        }

        if (candidate is not null) run.SetServiceSession(candidate, openCalls);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => model.GetService(serviceType, serviceKey);

    /// <summary>Does nothing: the model's client belongs to the chain, not to the run.</summary>
    public void Dispose()
    {
    }

    private ValueTask<bool> Move(IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        var outer = caller.Scheduler.Pause();
        try
        {
            return updates.MoveNextAsync();
        }
        finally
        {
            caller.Scheduler.Resume(outer);
        }
    }

    private IAsyncEnumerator<ChatResponseUpdate> Start(
        IEnumerable<ChatMessage> messages, ChatOptions? options, ref CallRecorder? call, CancellationToken cancellationToken)
    {
        try
        {
            call = run.Recorder?.BeginCall(ref messages, options);
            return model.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        }
        catch (Exception e)
        {
            throw Failed(e, cancellationToken);
        }
    }

    /// <summary>The error to throw on, which is the model's own; what it throws when it is cancelled is none.</summary>
    private Exception Failed(Exception e, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) e = e as OperationCanceledException ?? new OperationCanceledException(e.Message, e, cancellationToken);
        else ObservedEnd.Claim(e);
        run.ModelError = e;
        if (e is ModelException { Limits: ModelLimits limits }) run.Handle.ModelLimits = limits;
        ExceptionDispatchInfo.Throw(e);
        return e;
    }

    /// <returns>Whether there are calls.</returns>
    private static bool TakeCalls(IList<AIContent> contents)
    {
        var hasCalls = false;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not FunctionCallContent call) continue;
            UnicodeArguments.Repair(call);
            CallArguments.KeepUnreadable(call);
            hasCalls = true;
        }

        return hasCalls;
    }
}
