using System.CommandLine;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Native;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Cli;

/// <summary>What <c>pluginhost trace</c> is asked to run.</summary>
/// <param name="Message">What the user says.</param>
/// <param name="Agent">Null when only one is configured.</param>
/// <param name="Session">Null for a session that is deleted afterwards.</param>
/// <param name="WarmUp">How often it is run before, unseen.</param>
internal sealed record TraceRequest(string Message, string? Agent, string? Session, int WarmUp);

/// <summary>One run whose spans are shown.</summary>
internal sealed class TracedRun(IServiceProvider services, InvocationConfiguration console, bool json)
{
    private const string Tenant = "default";

    private readonly RunEngine _engine = services.GetRequiredService<RunEngine>();

    /// <returns>The exit code: 1 when the run did not end well, or something of it stayed behind unasked.</returns>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public async Task<int> RunAsync(TraceRequest asked, CancellationToken cancellationToken)
    {
        if (asked.Session is { } id && !SessionIds.IsValid(id))
            throw ProblemException.Invalid(new ProblemError("--session", $"'{id}' is not a valid id. Allowed: {SessionIds.Allowed}."));
        for (var i = 0; i < asked.WarmUp && !cancellationToken.IsCancellationRequested; i++)
        {
            var before = await RunOnceAsync(asked with { Session = null }, cancellationToken);
            if (await DeleteAsync(before.Session) is null) return 1;
        }

        var run = await RunOnceAsync(asked, cancellationToken);
        await ShowAsync(services.GetRequiredService<IRunTraces>().Find(run.Id)!, run);
        if (run.Error is { } error) await console.Error.WriteLineAsync($"The run failed ({error.Type}): {error.Message}");
        var stored = asked.Session is null ? await DeleteAsync(run.Session) : $"The run is stored in session {run.Session.Id}.";
        if (stored is null) return 1;
        await console.Error.WriteLineAsync(stored);
        return run.Status is RunStatus.Completed or RunStatus.RequiresAction ? 0 : 1;
    }

    private async Task<RunRecord> RunOnceAsync(TraceRequest asked, CancellationToken cancellationToken)
    {
        var command = new RunCommand
        {
            Tenant = Tenant,
            SessionId = asked.Session,
            Agent = asked.Agent,
            Input = [new ChatMessage(ChatRole.User, asked.Message)],
        };
        var handle = await _engine.StartAsync(command, CancellationToken.None);
        await using var cancel = cancellationToken.Register(handle.Cancel);
        return await handle.Completion;
    }

    private async Task ShowAsync(TraceResource trace, RunRecord run)
    {
        if (json)
        {
            using var buffer = new MemoryStream();
            await using (var writer = new Utf8JsonWriter(buffer, ApiJson.Writing with { Indented = true }))
                JsonSerializer.Serialize(writer, trace, ApiJson.Default.TraceResource);
            await console.Output.WriteLineAsync(Encoding.UTF8.GetString(buffer.ToArray()));
            return;
        }

        var screen = new TraceScreen(console.Output);
        screen.Head($"{trace.RunId} {RunResource.StatusText(run.Status)} · agent {trace.Agent} · session {trace.SessionId}");
        screen.Tree(trace);
    }

    /// <summary>Deletes the session of a run with everything that plugins keep of it.</summary>
    /// <returns>What was removed; null when something could not be, which has been said.</returns>
    private async Task<string?> DeleteAsync(SessionKey session)
    {
        try
        {
            var removed = await services.GetRequiredService<SessionService>().DeleteAsync(session, CancellationToken.None);
            return $"The session of this run was deleted again: {string.Join(", ", removed.Select(r => $"{r.Removed} by {r.Plugin}"))}.";
        }
        catch (ProblemException e)
        {
            await console.Error.WriteLineAsync($"Session {session.Id} of this run stays behind. {e.Message}");
            return null;
        }
    }
}
