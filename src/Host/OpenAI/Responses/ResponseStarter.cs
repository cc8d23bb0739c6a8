using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Starts the run of a response where it belongs: on its conversation, behind the response it follows, or on a branch from there. For one request.</summary>
internal sealed class ResponseStarter(RunEngine engine, SessionService sessions, string tenant, RequestKey key)
{
    /// <summary>Whether the idempotency key stood for a run that was there already.</summary>
    public bool IsReplayed { get; private set; }

    /// <exception cref="ProblemException">The request was refused; nothing was stored.</exception>
    public async ValueTask<RunHandle> StartAsync(ResponseRequest request, CancellationToken cancellationToken)
    {
        var input = await ItemReferences.ResolveAsync(engine, tenant, request.Input, cancellationToken);
        var command = CommandOf(request, input);
        var details = request.Details;
        var previous = details.PreviousResponseId is { } id ? await ResponseChain.PreviousAsync(engine, tenant, id, cancellationToken) : null;
        if (!details.Store) return await BeginAsync(await StatelessAsync(command, details.Conversation, previous, cancellationToken), cancellationToken);
        if (details.Conversation is { } conversation)
            return await BeginAsync(command with { SessionId = conversation, CreateSession = false }, cancellationToken);
        return previous is null ? await BeginAsync(command, cancellationToken) : await FollowAsync(command, previous, cancellationToken);
    }

    private RunCommand CommandOf(ResponseRequest request, IReadOnlyList<ChatMessage> input) => new()
    {
        Tenant = tenant,
        Agent = request.Model,
        Input = input,
        Instructions = request.Details.Instructions,
        Options = request.Options,
        CallerTools = request.Tools,
        Metadata = request.Metadata,
        Background = request.Details.Background,
        RequireToolResults = true,
        AcceptDiverged = true,
        RunIdPrefix = ItemIds.ResponsePrefix,
        SessionIdPrefix = ResponseChain.Prefix,
        Details = ResponseDetailsJson.Write(request.Details),
        IdempotencyKey = key.Key,
        RequestHash = key.RequestHash,
    };

    private async ValueTask<RunHandle> BeginAsync(RunCommand command, CancellationToken cancellationToken)
    {
        var run = await engine.StartAsync(command, cancellationToken);
        IsReplayed = !run.WasStartedBy(command);
        return run;
    }

    /// <summary>What was said before is read, and nothing is written.</summary>
    private async ValueTask<RunCommand> StatelessAsync(RunCommand command, string? conversation, RunRecord? previous, CancellationToken cancellationToken)
    {
        var source = conversation ?? previous?.Session.Id;
        if (source is null) return command with { Stateless = true };
        var earlier = await sessions.ReadMessagesAsync(new SessionKey(tenant, source), previous?.Id, cancellationToken);
        return command with { Stateless = true, Earlier = earlier };
    }

    private async ValueTask<RunHandle> FollowAsync(RunCommand command, RunRecord previous, CancellationToken cancellationToken)
    {
        if (ResponseChain.Is(previous.Session))
        {
            try
            {
                return await BeginAsync(
                    command with { SessionId = previous.Session.Id, AfterRun = previous.Id, CreateSession = false }, cancellationToken);
            }
            catch (ProblemException e) when (e.Type == ProblemTypes.RunNotLast)
            {
                // Somebody else has gone on from there: this becomes a branch.
            }
        }

        return await BranchAsync(command, previous, cancellationToken);
    }

    private async ValueTask<RunHandle> BranchAsync(RunCommand command, RunRecord previous, CancellationToken cancellationToken)
    {
        var fork = await sessions.ForkAsync(previous.Session, ItemIds.New(ResponseChain.Prefix), previous.Id, cancellationToken);
        var isUsed = false;
        try
        {
            var handle = await BeginAsync(command with { SessionId = fork.Key.Id, CreateSession = false }, cancellationToken);
            // A key's run is where it was begun.
            isUsed = handle.Record.Session == fork.Key;
            return handle;
        }
        finally
        {
            if (!isUsed) await sessions.DeleteAsync(fork.Key, CancellationToken.None);
        }
    }
}
