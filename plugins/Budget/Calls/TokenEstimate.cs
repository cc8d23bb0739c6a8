using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace PluginHost.Budget.Calls;

/// <summary>
/// Estimates the tokens of calls: a token for three characters, and what earlier calls of the model needed beyond that. It is meant to be too
/// high rather than too low. Thread-safe.
/// </summary>
internal sealed class TokenEstimate(int reservedOutput)
{
    private const int CharsPerToken = 3;
    private const int TokensPerMessage = 8;
    private const int TokensPerAttachment = 1500;
    private const int MaxModels = 1000;

    private readonly ConcurrentDictionary<string, Learned> _learned = new(StringComparer.Ordinal);

    /// <summary>What a call may use, and its input before the correction, for <see cref="Learn"/>.</summary>
    public CallUsage Before(string model, IEnumerable<ChatMessage> messages, ChatOptions? options, out long counted)
    {
        counted = InputOf(messages, options);
        var learned = _learned.GetValueOrDefault(model, Learned.Nothing);
        // A caller's limit must not reserve more than calls use: it would block the others.
        var output = Math.Min(options?.MaxOutputTokens ?? int.MaxValue, Math.Max(reservedOutput, learned.LargestOutput));
        return new CallUsage((long)(counted * learned.InputFactor), 0, output);
    }

    /// <summary>What a call used whose model did not say it.</summary>
    public static CallUsage After(CallUsage reserved, long outputChars) => new(reserved.Input, 0, ToTokens(outputChars));

    /// <summary>Compares the estimate with what the model reports.</summary>
    public void Learn(string model, long counted, CallUsage used)
    {
        if (counted == 0 || (_learned.Count >= MaxModels && !_learned.ContainsKey(model))) return;
        _learned.AddOrUpdate(model, _ => Learned.Nothing.With(counted, used), (_, old) => old.With(counted, used));
    }

    private static long InputOf(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        long tokens = ToTokens(options?.Instructions?.Length ?? 0);
        foreach (var message in messages) tokens += TokensPerMessage + message.Contents.Sum(TokensOf);
        foreach (var tool in options?.Tools ?? [])
        {
            tokens += TokensPerMessage + ToTokens(tool.Name.Length + tool.Description.Length);
            if (tool is AIFunctionDeclaration function) tokens += ToTokens(function.JsonSchema.GetRawText().Length);
        }

        return tokens;
    }

    private static long TokensOf(AIContent content) => content switch
    {
        TextContent text => ToTokens(text.Text.Length),
        TextReasoningContent text => ToTokens(text.Text.Length),
        FunctionCallContent call => ToTokens(call.Name.Length + (call.Arguments?.Sum(a => a.Key.Length + LengthOf(a.Value)) ?? 0)),
        FunctionResultContent result => ToTokens(LengthOf(result.Result)),
        DataContent or UriContent or HostedFileContent => TokensPerAttachment,
        _ => 0,
    };

    private static int LengthOf(object? value) => value switch
    {
        null => 4,
        string text => text.Length,
        System.Text.Json.JsonElement json => json.GetRawText().Length,
        IEnumerable<AIContent> contents => (int)Math.Min(int.MaxValue, CharsPerToken * contents.Sum(TokensOf)),
        _ => value.ToString()?.Length ?? 0,
    };

    private static long ToTokens(long chars) => (chars + CharsPerToken - 1) / CharsPerToken;

    private sealed record Learned(double InputFactor, int LargestOutput)
    {
        public static Learned Nothing { get; } = new(1, 0);

        public Learned With(long counted, CallUsage used)
        {
            var needed = (double)used.Input / counted;
            // Falls slowly, so that one short call does not lower the estimate of all others.
            return new Learned(Math.Clamp(Math.Max(needed, 1 + ((InputFactor - 1) * 0.99)), 1, 100), Math.Max(LargestOutput, (int)Math.Min(int.MaxValue, used.Output)));
        }
    }
}
