using System.Collections.ObjectModel;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Starts the run of a response where it belongs: on its conversation, after the response it follows, or on a branch from there. For one request.</summary>
/// <param name="context">The request, or the connection that it came over.</param>
/// <param name="key">Its idempotency key.</param>
/// <param name="start">Starts the run.</param>
internal sealed class ResponseStarter(HttpContext context, RequestKey key, Func<RunCommand, ValueTask<RunHandle>> start)
{
    private readonly RunEngine _engine = context.Service<RunEngine>();
    private readonly SessionService _sessions = context.Service<SessionService>();
    private readonly string _tenant = Tenancy.TenantOf(context);
    private readonly CancellationToken _aborted = context.RequestAborted;

    /// <param name="request">The request.</param>
    /// <param name="kept">The unstored response that it follows; null when it follows none, or a stored one.</param>
    /// <exception cref="ProblemException">The request was refused; nothing was stored.</exception>
    public async ValueTask<RunHandle> StartAsync(ResponseRequest request, KeptResponse? kept = null)
    {
        var input = await ItemReferences.ResolveAsync(context, request.Input, "input");
        var command = CommandOf(request, input);
        if (kept is not null) return await start(Follow(command, kept, request.Details.Store));
        var details = request.Details;
        var previous = details.PreviousResponseId is { } id ? await ResponseChain.PreviousAsync(_engine, _tenant, id, _aborted) : null;
        if (!details.Store) return await start(await StatelessAsync(command, details.Conversation, previous));
        if (details.Conversation is { } conversation)
            return await start(command with { SessionId = conversation, CreateSession = false });
        return previous is null ? await start(command) : await FollowAsync(command, previous);
    }

    private RunCommand CommandOf(ResponseRequest request, IReadOnlyList<ChatMessage> input) => new()
    {
        Tenant = _tenant,
        Agent = request.Body.Model,
        Input = input,
        Instructions = request.Body.Instructions,
        Options = request.Options,
        CallerTools = request.Tools,
        Metadata = request.Body.Metadata ?? ReadOnlyDictionary<string, string>.Empty,
        User = request.Body.SafetyIdentifier ?? request.Body.User,
        Background = request.Body.Background,
        Streamed = request.Body.Stream,
        GetsEndAlone = !request.Body.Stream && !request.Body.Background,
        RequireToolResults = true,
        AcceptDiverged = true,
        RunIdPrefix = ItemIds.ResponsePrefix,
        SessionIdPrefix = ResponseChain.Prefix,
        Details = ResponseDetailsJson.Write(request.Details),
        IdempotencyKey = key.Key,
        RequestHash = key.RequestHash,
    };

    /// <summary>A stored response begins a chain, with all that came before it as its input. A wish to compact has been answered by then.</summary>
    private static RunCommand Follow(RunCommand command, KeptResponse kept, bool isStored) => isStored
        ? command with { Input = [.. kept.Messages.Select(static m => m.Message).Where(static m => !CompactionItem.IsTrigger(m)), .. command.Input] }
        : command with { Stateless = true, Earlier = kept.Messages };

    /// <summary>Reads the earlier messages; nothing is written.</summary>
    private async ValueTask<RunCommand> StatelessAsync(RunCommand command, string? conversation, RunRecord? previous)
    {
        var source = conversation ?? previous?.Session.Id;
        if (source is null) return command with { Stateless = true };
        var earlier = await _sessions.ReadMessagesAsync(new SessionKey(_tenant, source), previous?.Id, _aborted);
        return command with { Stateless = true, Earlier = earlier };
    }

    private async ValueTask<RunHandle> FollowAsync(RunCommand command, RunRecord previous)
    {
        if (ResponseChain.IsChain(previous.Session))
        {
            try
            {
                return await start(command with { SessionId = previous.Session.Id, AfterRun = previous.Id, CreateSession = false });
            }
            catch (ProblemException e) when (e.Type == ProblemTypes.RunNotLast)
            {
                // Another response follows it already: this one becomes a branch.
            }
        }

        return await BranchAsync(command, previous);
    }

    private async ValueTask<RunHandle> BranchAsync(RunCommand command, RunRecord previous)
    {
        var fork = await _sessions.ForkAsync(previous.Session, ItemIds.New(ResponseChain.Prefix), previous.Id, _aborted);
        var isUsed = false;
        try
        {
            var handle = await start(command with { SessionId = fork.Key.Id, CreateSession = false });
            // The run of an idempotency key stays on the session where it began.
            isUsed = handle.Record.Session == fork.Key;
            return handle;
        }
        finally
        {
            if (!isUsed) await _sessions.DeleteAsync(fork.Key, CancellationToken.None);
        }
    }
}
