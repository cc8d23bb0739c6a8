using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Whether a class can hold options.</summary>
internal static class OptionsClassCheck
{
    public const string Cure = "Use a public record, or a public class whose members can be set, that does not hold itself.";

    /// <summary>Why a type cannot hold options, as the end of a sentence; null when it can.</summary>
    public static string? FindDefect(Type type, bool isTooDeep)
    {
        if (type.ContainsGenericParameters) return "are generic";
        if (!type.IsClass || type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal)))
            return "are no record or class of the plugin";
        if (type.IsAbstract) return "are abstract";
        if (OptionsFactory.PrimaryConstructor(type) is not { } constructor) return "have no public constructor";
        if (isTooDeep) return "hold themselves, or are nested too deep";
        var canBeSet = constructor.GetParameters().Length > 0 || Settings.From(type).Any();
        return canBeSet || type.GetProperties().Length == 0 ? null : "have no member that can be set";
    }
}
