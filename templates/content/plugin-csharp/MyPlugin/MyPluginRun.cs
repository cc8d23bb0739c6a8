using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("my-plugin", typeof(MyPlugin.MyPluginMiddleware), Options = typeof(MyPlugin.MyPluginOptions))]

namespace MyPlugin;

/// <summary>Options of <c>my-plugin</c>.</summary>
/// <param name="Forbidden">Runs whose input has this word are answered without the model.</param>
public sealed record MyPluginOptions(string Forbidden = "secret");

/// <summary>Answers some runs itself, and makes the others' answers upper case.</summary>
public sealed class MyPluginMiddleware(MyPluginOptions options) : IRunMiddleware
{
    /// <inheritdoc/>
    public ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken) =>
        request.Input.Any(m => m.Text.Contains(options.Forbidden, StringComparison.OrdinalIgnoreCase))
            ? new(RunResponse.FromText("I do not talk about that."))
            : next(request with { Output = request.Output.Through(Change) }, cancellationToken);

    // The answer passes in pieces, streamed or not.
    private static async IAsyncEnumerable<ChatResponseUpdate> Change(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        await foreach (var update in updates)
        {
            var changed = update.Clone();
            changed.Contents = [.. update.Contents.Select(c => c is TextContent text ? new TextContent(text.Text.ToUpperInvariant()) : c)];
            yield return changed;
        }
    }
}
