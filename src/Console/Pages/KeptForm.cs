using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Forms;

namespace PluginHost.WebConsole.Pages;

/// <summary>What a user sent when the log-in had ended. The log-in form carries it, so that it can be sent again afterwards.</summary>
/// <param name="Address">Where it was sent to.</param>
/// <param name="Fields">Its fields.</param>
public sealed record KeptForm(string Address, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>The field of the log-in form that has the address.</summary>
    public const string AddressField = "again";

    /// <summary>What the names of the fields begin with in the log-in form.</summary>
    public const string Prefix = "kept:";

    /// <param name="address">Where it was sent to.</param>
    /// <param name="form">What was sent.</param>
    /// <returns>Null for a form with files, which a page cannot carry.</returns>
    internal static KeptForm? From(string address, IFormCollection form) => form.Files.Count > 0 ? null : new(
        address, [.. form.Where(f => f.Key != FormTokens.Field).SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? "")))]);

    /// <summary>What a log-in form carries; null when it carries nothing.</summary>
    internal static KeptForm? Find(IFormCollection logIn)
    {
        var address = logIn[AddressField].ToString();
        if (!LoginEndpoint.IsPage(address)) return null;
        var fields = logIn.Where(f => f.Key.StartsWith(Prefix, StringComparison.Ordinal));
        return new(address, [.. fields.SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key[Prefix.Length..], v ?? "")))]);
    }
}
