using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>The query of a list.</summary>
internal record ListParameters(
    [property: Range(1, 100), Description("How many items at most.")] int Limit = 20,
    [property: AllowedText("asc", "desc"), Description("Oldest (asc) or newest (desc) first.")] string Order = "asc",
    [property: Id, Description("Only items after the one with this id, in the order of the list.")] string? After = null,
    [property: Id, Description("Only items before the one with this id, in the order of the list.")] string? Before = null)
{
    public ListOrder ListOrder => Order == "desc" ? ListOrder.Descending : ListOrder.Ascending;
}

/// <summary>The query of a list of sessions.</summary>
internal sealed record SessionListParameters(
    int Limit = 20,
    string Order = "asc",
    string? After = null,
    string? Before = null,
    [property: AllowedText("created", "activity"), Description("By creation, or by the last save.")] string Sort = "created",
    [property: Id, Description("Only sessions whose id begins like this.")] string? Prefix = null,
    [property: Description("Only sessions whose last run was of this agent.")] string? Agent = null,
    [property: Metadata, Description("Only sessions with this metadata: metadata[key]=value, or metadata.key=value.")] IReadOnlyDictionary<string, string>? Metadata = null)
    : ListParameters(Limit, Order, After, Before);

/// <summary>The query of a list of messages.</summary>
internal sealed record MessageListParameters(
    int Limit = 20,
    string Order = "asc",
    string? After = null,
    string? Before = null,
    [property: Description("Whether messages of failed runs are listed.")] bool IncludeFailed = false,
    [property: Id, Description("Only messages of this run, the last ones up to the limit. Not together with a cursor.")] string? Run = null)
    : ListParameters(Limit, Order, After, Before);

/// <summary>The query of an export.</summary>
internal sealed record ExportParameters([property: Description("Whether the snapshot holds the messages.")] bool Messages = false);

/// <summary>The query of an explanation before a run.</summary>
internal sealed record WouldBeParameters([property: AllowedText("true"), Description("The input is explained before it is run. May be left out.")] string? Before = null);
