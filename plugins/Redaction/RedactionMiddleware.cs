using Microsoft.Extensions.AI;
using PluginHost.Redaction;
using PluginHost.Sdk;

[assembly: Plugin<RedactionMiddleware, RedactionOptions>("redaction", AllowSkip = false)]

namespace PluginHost.Redaction;

/// <summary>
/// Masks e-mail addresses, telephone numbers, card numbers and configured patterns: on the way in, in the run's input, context and
/// instructions as they are at its place; on the way back, in the text and the tool results that come from behind it; and in every
/// call of the model, in all that is sent, the results of tools included.
/// </summary>
/// <remarks>Messages are never changed, but replaced by masked copies. Thread-safe.</remarks>
public sealed class RedactionMiddleware : IRunMiddleware, IChatMiddleware
{
    private readonly MaskSet _set;
    private readonly ContentMask _contents;
    private readonly MessageMask _messages;

    /// <summary>Makes an instance; the host does this.</summary>
    /// <param name="options">What to mask.</param>
    /// <param name="context">Not used.</param>
    /// <exception cref="ArgumentException">The options cannot be used; the message lists everything that is wrong.</exception>
    public RedactionMiddleware(RedactionOptions options, IPluginContext context)
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

        // Messages count only when nothing was written; what was written has been masked on its way.
        return request.Output.Updates.Count > written ? response : response with { Messages = _messages.Mask(response.Messages) };
    }

    /// <inheritdoc/>
    public IChatClient Wrap(IChatClient inner, RunRequest run) => new MaskedChatClient(inner, _set, _messages);
}
