using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Views;

/// <summary>What one giver has of a request to the model.</summary>
/// <param name="Giver">A plugin, or another source.</param>
/// <param name="Source">The kind of the source.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Start">The part of all tokens before it, from 0 to 1.</param>
/// <param name="Part">Its part of all tokens.</param>
public sealed record TokenShare(string Giver, string Source, long Tokens, double Start, double Part);

/// <summary>Who gave the tokens of a call of the model.</summary>
public static class TokenShares
{
    public static IReadOnlyList<TokenShare> From(ApiModelCall call)
    {
        var given = call.Instructions.Select(i => (Giver: Name(i.Plugin, i.Source), i.Source, i.Tokens))
            .Concat(call.Messages.Select(m => (Giver: Name(m.Plugin, m.Source), m.Source, m.Tokens)))
            .Concat(call.Tools.Select(t => (Giver: Name(t.Plugin, t.Source), t.Source, t.Tokens)))
            .GroupBy(g => g.Giver)
            .Select(g => (Giver: g.Key, g.First().Source, Tokens: g.Sum(p => p.Tokens)));
        var (shares, start) = (new List<TokenShare>(), 0L);
        foreach (var (giver, source, tokens) in given)
        {
            shares.Add(new(giver, source, tokens, (double)start / Math.Max(call.Tokens, 1), (double)tokens / Math.Max(call.Tokens, 1)));
            start += tokens;
        }

        return shares;
    }

    public static string Name(string? plugin, string source) => plugin ?? source switch { "caller" => "the caller", "agent" => "the agent", "model" => "the model", "host" => "the host", "tool" => "tools", _ => source };
}
