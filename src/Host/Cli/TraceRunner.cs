using System.CommandLine;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Native;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Cli;

/// <summary>The run that <c>pluginhost trace</c> shows.</summary>
/// <param name="Message">The user message.</param>
/// <param name="Agent">The agent; null for the only agent.</param>
/// <param name="Session">The session; null for a new session that is deleted after the run.</param>
/// <param name="WarmUp">The number of runs before it that are not shown.</param>
internal sealed record TraceRequest(string Message, string? Agent, string? Session, int WarmUp);

/// <summary>Runs a message and shows the spans of its run.</summary>
internal sealed class TraceRunner(IServiceProvider services, InvocationConfiguration console, bool json)
{
    private const string Tenant = "default";

    private readonly RunEngine _engine = services.GetRequiredService<RunEngine>();

    /// <returns>The exit code: 1 when the run did not complete, or its new session could not be deleted.</returns>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public async Task<int> RunAsync(TraceRequest request, CancellationToken cancellationToken)
    {
        if (request.Session is { } id && !SessionIds.IsValid(id))
            throw ProblemException.Invalid(new ProblemError("--session", $"'{id}' is not a valid id. Allowed: {SessionIds.Allowed}."));
        for (var i = 0; i < request.WarmUp && !cancellationToken.IsCancellationRequested; i++)
        {
            var warmUp = await RunOnceAsync(request with { Session = null }, cancellationToken);
            if (await DeleteAsync(warmUp.Session) is null) return 1;
        }

        var run = await RunOnceAsync(request, cancellationToken);
        await ShowAsync(TraceResource.From(services.GetRequiredService<KeptTraces>().Find(Tenant, run.Id)!, run, request.Message));
        if (run.Error is { } error) await console.Error.WriteLineAsync($"The run failed ({error.Type}): {error.Message}");
        var result = request.Session is null ? await DeleteAsync(run.Session) : $"The run is stored in session {run.Session.Id}.";
        if (result is null) return 1;
        await console.Error.WriteLineAsync(result);
        return run.Status is RunStatus.Completed or RunStatus.RequiresAction ? 0 : 1;
    }

    private async Task<RunRecord> RunOnceAsync(TraceRequest request, CancellationToken cancellationToken)
    {
        var command = new RunCommand
        {
            Tenant = Tenant,
            SessionId = request.Session,
            Agent = request.Agent,
            Input = [new ChatMessage(ChatRole.User, request.Message)],
            CanPark = false,
        };
        var handle = await _engine.StartAsync(command, CancellationToken.None);
        await using var cancel = cancellationToken.Register(handle.Cancel);
        return await handle.Completion;
    }

    private async Task ShowAsync(TraceResource trace)
    {
        if (json)
        {
            using var buffer = new MemoryStream();
            await using (var writer = new Utf8JsonWriter(buffer, JsonResponse.WriterOptions with { Indented = true }))
                JsonSerializer.Serialize(writer, trace, ApiJson.Default.TraceResource);
            await console.Output.WriteLineAsync(Encoding.UTF8.GetString(buffer.ToArray()));
            return;
        }

        var screen = TraceScreen.Create(console.Output);
        screen.WriteValue("run", $"{trace.RunId} {trace.Status}");
        screen.WriteValue("agent", trace.Agent);
        screen.WriteValue("session", trace.SessionId);
        screen.WriteValue("input", trace.Input ?? "");
        screen.WriteValue("answer", trace.Answer ?? "none");
        screen.WriteValue("totals", TraceLines.DescribeTotals(trace));
        await console.Output.WriteLineAsync();
        screen.WriteTree(trace);
    }

    /// <summary>Deletes the session of a run with all data that plugins keep of it.</summary>
    /// <returns>A message with the removed items; null after an error, which has been written.</returns>
    private async Task<string?> DeleteAsync(SessionKey session)
    {
        try
        {
            var removed = await services.GetRequiredService<SessionService>().DeleteAsync(session, CancellationToken.None);
            return $"The session of this run was deleted: {string.Join(", ", removed.Select(r => $"{r.Removed} by {r.Plugin}"))}.";
        }
        catch (ProblemException e)
        {
            await console.Error.WriteLineAsync($"Session {session.Id} of this run was not deleted. {e.Message}");
            return null;
        }
    }
}
