using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Errors;

/// <summary>Refuses by name what the interface has and the host has not.</summary>
internal static class Refusal
{
    public const string Unsupported = "unsupported_parameter";

    /// <param name="errors">Collects.</param>
    /// <param name="path">The parameter.</param>
    /// <param name="cure">What to do instead, or what is supported.</param>
    public static void AddUnsupported(this InputErrors errors, string path, string? cure = null) =>
        errors.Add(path, "The host does not support this.", cure, Unsupported);

    /// <summary>Refuses a parameter of a body unless it is absent, or has the value that changes nothing.</summary>
    public static void RefuseUnless(this BodyReader body, string name, Func<System.Text.Json.JsonElement, bool> isHarmless, string? cure = null)
    {
        if (body.TryGet(name, out var value) && !isHarmless(value)) body.Errors.AddUnsupported(body.PathOf(name), cure);
    }

    public static void Refuse(this BodyReader body, string name, string? cure = null) => body.RefuseUnless(name, static _ => false, cure);

    /// <summary>Takes parameters that change nothing about the answer, whatever they hold.</summary>
    public static void Ignore(this BodyReader body, params ReadOnlySpan<string> names)
    {
        foreach (var name in names) body.TryGet(name, out _);
    }
}
