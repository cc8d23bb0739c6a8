using System.Text.Json;

namespace PluginHost.Engine.Users;

/// <summary>What a plugin keeps of a user.</summary>
/// <param name="Plugin">The plugin's registered name.</param>
/// <param name="Items">One value for each item.</param>
internal sealed record KeptUserData(string Plugin, IReadOnlyList<JsonElement> Items)
{
    /// <summary>Whether another instance of the plugin keeps the same, because the two share it.</summary>
    public bool IsSame(KeptUserData other) =>
        Plugin == other.Plugin && Items.Count == other.Items.Count && Items.Zip(other.Items).All(p => JsonElement.DeepEquals(p.First, p.Second));
}
