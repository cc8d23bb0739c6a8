using System.ComponentModel;
using System.Text.Json;
using PluginHost.Engine.Explain;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

internal sealed record ExplainedTextResource(
    string Text,
    [property: AllowedText("agent", "caller", "history", "context", "middleware"), Description("What gave it.")] string Source,
    [property: AllowedText("new", "added", "changed"), Description("new: with the agent or the run. changed: a middleware has replaced the instructions.")] string State,
    [property: Description("Counted, or about: see tokens_counted.")] long Tokens)
{
    [Description("The plugin's source id; absent when it was none.")]
    public string? Plugin { get; init; }

    [Description("What was replaced; absent when nothing was, or it is withheld.")]
    public string? Before { get; init; }

    [Description("true when what was replaced is not kept, because no history got it either; absent otherwise.")]
    public bool? BeforeWithheld { get; init; }

    public static ExplainedTextResource From(ExplainedText text, long tokens) => new(text.Text, text.Source, text.State, tokens)
    {
        Plugin = text.Plugin,
        Before = text.Before,
        BeforeWithheld = text.BeforeWithheld ? true : null,
    };
}

internal sealed record ExplainedMessageResource(
    [property: Description("Its role.")] string Role,
    IReadOnlyList<ContentPart> Content,
    [property: AllowedText("caller", "history", "context", "middleware", "model", "tool", "host"), Description("What gave it.")] string Source,
    [property: AllowedText("new", "loaded", "added", "changed"), Description("new: said in this run. loaded: by a history. added: by a plugin, or by the host to balance calls. changed: see changed_by.")] string State,
    [property: Description("Counted, or about: see tokens_counted.")] long Tokens)
{
    [Description("Absent when the message has none.")]
    public string? Id { get; init; }

    [Description("The plugin's source id; absent when it was none.")]
    public string? Plugin { get; init; }

    [Description("What changed it, the first one first; host for the host, which joins and balances.")]
    public IReadOnlyList<string>? ChangedBy { get; init; }

    [Description("The content before the first change; absent when nothing changed it, or it is withheld.")]
    public IReadOnlyList<ContentPart>? Before { get; init; }

    [Description("true when what was there before is not kept, because no history got it either; absent otherwise.")]
    public bool? BeforeWithheld { get; init; }
}

internal sealed record ExplainedLeftOutResource(
    [property: AllowedText("window", "tokens", "fit", "balance", "compacted", "joined", "removed", "earlier_attempt"), Description("window, tokens: older than what is loaded. fit: the request would have been too long. balance: a result without its call. compacted: a summary replaces it. joined: part of the message before. removed: by a middleware. earlier_attempt: of this run.")] string Reason,
    [property: Description("How many messages; 0 when they were not loaded.")] int Count,
    [property: Description("About how many tokens these have.")] long Tokens)
{
    [Description("The history that has them, or the middleware that removed it; absent for the host.")]
    public string? Plugin { get; init; }

    [Description("true when there are more, which were not loaded; absent otherwise.")]
    public bool? HasMore { get; init; }

    [Description("What was left out; absent when it is several, or withheld.")]
    public IReadOnlyList<ContentPart>? Content { get; init; }
}

internal sealed record ExplainedToolResource(
    string Name,
    [property: AllowedText("caller", "context", "middleware")] string Source,
    [property: Description("Counted, or about: see tokens_counted.")] long Tokens)
{
    [Description("The plugin that gave it; absent for the caller's.")]
    public string? Plugin { get; init; }

    public string? Description { get; init; }

    [AnyObject, Description("The JSON schema of its arguments.")]
    public JsonElement? Parameters { get; init; }

    public static ExplainedToolResource From(ExplainedTool tool, long tokens) => new(tool.Name, tool.Source, tokens)
    {
        Plugin = tool.Plugin,
        Description = string.IsNullOrEmpty(tool.Description) ? null : tool.Description,
        Parameters = tool.Parameters,
    };
}
