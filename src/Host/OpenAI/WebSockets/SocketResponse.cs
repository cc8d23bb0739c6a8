using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Responses;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>Creates the response of one message, by the checks, the run and the events of a streamed request.</summary>
internal sealed class SocketResponse(HttpContext context, SocketRequest request, KeptResponses kept, CancellationToken gone)
{
    private readonly RunEngine _engine = context.Service<RunEngine>();
    private RunCommand? _command;

    /// <summary>Streams the response to its end.</summary>
    /// <returns>Why there is none; null when there is one.</returns>
    /// <exception cref="ProblemException">The request was refused; nothing was stored.</exception>
    public async Task<Problem?> StreamAsync(SocketEventWriter writer, BodyShare body)
    {
        context.Service<CallerValidity>().CountRequest(context);
        var errors = new InputErrors();
        var isGenerated = request.ReadGenerate(errors);
        var json = request.ToBody();
        if (ApprovalAnswers.AreIn(json)) return await DecideAsync(json, isGenerated, errors, writer);
        var response = ResponseRequestReader.Read(context, json, errors, b => Adjust(b, isGenerated));
        var previous = response.Details.PreviousResponseId;
        try
        {
            var run = await new ResponseStarter(context, default, isGenerated ? StartAsync : PrepareAsync).StartAsync(response, kept.Find(previous));
            body.HoldUntil(run.Completion);
            var failure = await PumpAsync(run, new ResponseFormat(response.Details), writer);
            if (failure is not null || run.Record.Status == RunStatus.Failed) kept.Forget(previous);
            else if (_command!.Stateless && run.Record.Status != RunStatus.Cancelled) kept.Keep(request.Lane, _command, run.Record);
            return failure;
        }
        catch (ProblemException)
        {
            kept.Forget(previous);
            throw;
        }
    }

    /// <summary>The response that waited continues, as with a request of HTTP.</summary>
    private async Task<Problem?> DecideAsync(JsonElement json, bool isGenerated, InputErrors errors, SocketEventWriter writer)
    {
        if (!isGenerated) errors.Add("generate", "A decision on an approval continues its response.", "true");
        var body = BodyBinder.Bind<ResponseRequestBody>(json, errors);
        errors.ThrowIfAny();
        var (run, behind) = await new ApprovalAnswers(context, default).DecideAsync(Adjust(body, isGenerated), errors);
        return await PumpAsync(run, new ResponseFormat(ResponseDetailsJson.Read(run.Record), behind), writer);
    }

    private static ResponseRequestBody Adjust(ResponseRequestBody body, bool isGenerated) => body.Background
        ? throw ProblemException.Invalid(new ProblemError("background", "A response over a WebSocket cannot be in the background.", "false, or POST /v1/responses") { Code = InputErrors.Unsupported })
        : body with { Stream = true, Store = body.Store && isGenerated };

    private async ValueTask<RunHandle> StartAsync(RunCommand command)
    {
        _command = command;
        return await _engine.StartAsync(command, gone);
    }

    /// <summary>Calls no model: the request alone is kept, as a response without output.</summary>
    private ValueTask<RunHandle> PrepareAsync(RunCommand command)
    {
        _command = command;
        var agent = _engine.FindAgent(command.Agent) ?? throw new ProblemException(ProblemTypes.AgentNotFound, $"There is no agent '{command.Agent}'.");
        RunCommandCheck.CheckEarlier(command.Input, context.Service<HostConfiguration>().Sessions);
        _engine.CheckCompaction(command.Tenant, command.Input, "input");
        var now = context.Service<TimeProvider>().GetUtcNow();
        return new(RunHandle.FromEnded(new RunRecord
        {
            Id = ItemIds.New(ItemIds.ResponsePrefix),
            Session = new SessionKey(command.Tenant, ItemIds.New(ResponseChain.Prefix)),
            Agent = agent.Name,
            Status = RunStatus.Completed,
            CreatedAt = now,
            CompletedAt = now,
            Metadata = command.Metadata,
            Details = command.Details,
        }));
    }

    private async Task<Problem?> PumpAsync(RunHandle run, ResponseFormat format, SocketEventWriter writer)
    {
        try
        {
            await using var reader = new EventReader(run.ReadEventsAsync(0, gone), context.Service<TimeProvider>(), gone);
            return await new RunEventPump(reader, format.CreateMapper(run.Record), writer).PumpAsync(after: -1, gone);
        }
        catch
        {
            // The caller reads no answer now. Abandoning a run that has ended changes nothing.
            run.Abandon();
            throw;
        }
    }
}
