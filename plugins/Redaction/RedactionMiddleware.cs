using Microsoft.Extensions.AI;
using PluginHost.Redaction;
using PluginHost.Sdk;

[assembly: Plugin("redaction", typeof(RedactionMiddleware), Options = typeof(RedactionOptions), AllowSkip = false)]

namespace PluginHost.Redaction;

/// <summary>
/// Masks e-mail addresses, telephone numbers, card numbers and configured patterns: in the run's input, context and instructions at
/// its place in the chain, in the text and tool results of the rest of the chain, and in every request to the model, including tool
/// results.
/// </summary>
/// <remarks>Replaces messages by masked copies and never changes a message. Thread-safe.</remarks>
public sealed class RedactionMiddleware : IRunMiddleware, IChatMiddleware
{
    private readonly MaskSet _set;
    private readonly ContentMask _contents;
    private readonly MessageMask _messages;

    /// <summary>Creates an instance; called by the host.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">Not used.</param>
    /// <exception cref="ArgumentException">The options are invalid. The message lists all errors.</exception>
    public RedactionMiddleware(RedactionOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        _set = MaskSetBuilder.Build(options);
        _contents = new ContentMask(_set, options.ToolArguments);
        _messages = new MessageMask(_contents);
    }

    /// <inheritdoc/>
    public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(next);
        var written = request.Output.Updates.Count;
        var response = await next(
            request with
            {
                Input = _messages.Mask(request.Input),
                Context = [.. request.Context.Select(c => c with { Message = _messages.Mask(c.Message) })],
                Instructions = request.Instructions is null ? null : _set.Mask(request.Instructions),
                Output = request.Output.Through(updates => new UpdateMask(_contents).MaskAsync(updates)),
            },
            cancellationToken);

        // The host uses the returned messages only when nothing was written. Written updates are already masked.
        return request.Output.Updates.Count > written ? response : response with { Messages = _messages.Mask(response.Messages) };
    }

    /// <inheritdoc/>
    public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken) =>
        new(new MaskedChatClient(inner, _set, _messages));
}
