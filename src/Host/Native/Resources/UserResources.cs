using System.ComponentModel;
using System.Text.Json;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Engine.Users;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

/// <summary>The query of what is kept of a user.</summary>
internal sealed record UserParameters([property: Description("For admins: the user of this tenant. Others name their own users.")] string? Tenant = null);

/// <summary>What plugins keep of a user beyond sessions.</summary>
internal sealed record UserResource(
    [property: Description("The name, as runs give it.")] string Id,
    [property: AllowedText("user")] string Object,
    string Tenant,
    [property: Description("One entry for each plugin that can keep data of users, in the order of their start.")] IReadOnlyList<KeptUserDataResource> Kept)
{
    /// <param name="name">The user.</param>
    /// <param name="tenant">The user's tenant.</param>
    /// <param name="kept">What was found.</param>
    /// <param name="withItems">Whether the sender may read what is kept, and not only how much.</param>
    public static UserResource From(string name, string tenant, IReadOnlyList<KeptUserData> kept, bool withItems) =>
        new(name, "user", tenant, [.. kept.Select(k => new KeptUserDataResource(k.Plugin, k.Items.Count) { Items = withItems ? k.Items : null })]);
}

internal sealed record KeptUserDataResource(string Plugin, [property: Description("How many items the plugin keeps.")] int Count)
{
    [Description("The items, in the plugin's form; absent for users of another tenant than the sender's.")]
    public IReadOnlyList<JsonElement>? Items { get; init; }
}

/// <summary>What the deletion of a user removed.</summary>
internal sealed record DeletedUserResource(
    string Id,
    [property: AllowedText("user.deleted")] string Object,
    string Tenant,
    bool Deleted,
    [property: Description("What each plugin removed.")] IReadOnlyList<RemovalResource> Removed)
{
    public static DeletedUserResource From(string name, string tenant, IReadOnlyList<Removal> removals) =>
        new(name, "user.deleted", tenant, true, [.. removals.Select(r => new RemovalResource(r.Plugin, r.Kind, r.Removed))]);
}
