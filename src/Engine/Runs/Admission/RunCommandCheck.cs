using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>What a run command must fulfil before anything is done for it.</summary>
internal static class RunCommandCheck
{
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public static void Check(RunCommand command, SessionsConfiguration settings)
    {
        var errors = new List<ProblemError>();
        var input = command.Input;
        if (input.Count == 0) errors.Add(new("input", "is empty", "a text, or one or more messages"));
        if (input.Count > settings.MaxInputMessages)
            errors.Add(new("input", $"has {input.Count} messages", $"at most {settings.MaxInputMessages} (Sessions:MaxInputMessages)"));
        for (var i = 0; i < input.Count; i++)
        {
            if (input[i].Contents.All(c => c is TextContent { Text: null or "" }))
                errors.Add(new($"input[{i}].content", "is empty", "a text, or one or more parts"));
            else if (MessageSize.Of(input[i]) is var size && size > settings.MaxMessageBytes)
                errors.Add(TooLarge($"input[{i}].content", size, settings));
        }

        if (input.Count > 0 && input[^1].Role == ChatRole.Assistant)
            errors.Add(new($"input[{input.Count - 1}].role", "is assistant, so there is nothing to answer", "a last message of user, system, developer or tool"));
        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    public static ProblemError TooLarge(string path, long size, SessionsConfiguration settings) =>
        new(path, $"has {size} bytes", $"at most {settings.MaxMessageBytes} (Sessions:MaxMessageBytes)");

    /// <exception cref="ProblemException">422 when the key was used with another body.</exception>
    public static void SameRequest(RunRecord previous, RunCommand command)
    {
        if (previous.RequestHash == command.RequestHash) return;
        throw new ProblemException(
            ProblemTypes.IdempotencyKeyReused, $"The idempotency key was used for run '{previous.Id}' with another request. Use a new key for a new request.");
    }

    /// <summary>Results in the input must answer calls of the input or open calls of the session.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public static void CheckToolResults(IReadOnlyList<ChatMessage> input, IReadOnlyList<string> open)
    {
        var known = open.Concat(input.SelectMany(m => m.Contents).OfType<FunctionCallContent>().Select(c => c.CallId))
            .ToHashSet(StringComparer.Ordinal);
        var errors = new List<ProblemError>();
        for (var i = 0; i < input.Count; i++)
        {
            foreach (var result in input[i].Contents.OfType<FunctionResultContent>().Where(r => !known.Contains(r.CallId)))
                errors.Add(new($"input[{i}].content", $"has a result for the call '{result.CallId}', which is not open", known.Count == 0 ? "no call is open" : string.Join(", ", known)));
        }

        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    /// <summary>Calls of the session and of the input must have their results in the input.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public static void CheckCallsAnswered(IReadOnlyList<ChatMessage> input, IReadOnlyList<string> open)
    {
        var waiting = new List<string>(open);
        foreach (var content in input.SelectMany(m => m.Contents))
        {
            if (content is FunctionCallContent call) waiting.Add(call.CallId);
            else if (content is FunctionResultContent result) waiting.Remove(result.CallId);
        }

        if (waiting.Count == 0) return;
        throw new ProblemException(ProblemTypes.ToolResultMissing, $"No tool output found for function call {string.Join(", ", waiting)}.")
        {
            Errors = [new("input", $"has no result for the call {string.Join(", ", waiting.Select(id => $"'{id}'"))}", "a result for each open call")],
        };
    }
}
