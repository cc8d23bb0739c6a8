using PluginHost.Anthropic.Wire;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Errors;
using PluginHost.Sdk;

namespace PluginHost.Anthropic.Messages;

/// <summary>The answer to one request.</summary>
internal sealed class MessagesFormat(MessagesRequest request) : RunFormat
{
    public override bool DelaysHead => true;

    public override Problem? FailureOf(RunRecord run) => run.Status == RunStatus.Cancelled
        ? new Problem(OpenAIProblemTypes.RunCancelled, $"The run '{run.Id}' was cancelled.")
        : base.FailureOf(run);

    public override Task WriteAsync(HttpContext context, RunRecord run) =>
        context.WriteAsync(StatusCodes.Status200OK, MessagesAnswer.From(run, request), AnthropicJson.Default.MessageAnswer);

    public override IRunEventMapper CreateMapper(RunRecord run) => new MessagesStreamMapper(run, request, FailureOf);
}
