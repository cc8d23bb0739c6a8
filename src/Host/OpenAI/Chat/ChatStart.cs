using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;

namespace PluginHost.OpenAI.Chat;

/// <summary>Starts runs of requests that hold the transcript, and names their messages in errors as the request does.</summary>
internal static class ChatStart
{
    /// <param name="context">The request.</param>
    /// <param name="command">The run.</param>
    /// <param name="positions">The index in the request of each message of the input.</param>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public static async ValueTask<RunHandle> StartChatAsync(this HttpContext context, RunCommand command, IReadOnlyList<int> positions)
    {
        try
        {
            return await context.StartRunAsync(command);
        }
        catch (ProblemException problem) when (problem.Errors.Count > 0)
        {
            throw new ProblemException(problem.Problem with
            {
                Errors = [.. problem.Errors.Select(e => e with { Path = ChatPaths.From(e.Path, positions) })],
            });
        }
    }
}
