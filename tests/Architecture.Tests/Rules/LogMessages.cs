using PluginHost.Architecture.Sources;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture.Rules;

/// <summary>A source-generated log message.</summary>
internal sealed record LogMessage(SourceProject Project, SourceFile File, IMethodSymbol Method, int? Id, string EventName)
{
    public string Name => $"{File}: {Method.Name}";
}

/// <summary>What is logged: each message with an id of its folder's range and a name, and no exception with its text.</summary>
internal static class LogMessages
{
    // A message has two parts: only the one that is written here counts, not the generator's.
    public static IEnumerable<LogMessage> In(SourceProject project) =>
        from declared in SymbolRules.DeclaredTypes(project)
        from method in declared.Symbol.GetMembers().OfType<IMethodSymbol>()
        where method.PartialDefinitionPart is null && project.Find(method) == declared.File
        let attribute = method.GetAttributes().FirstOrDefault(a => a.AttributeClass?.Name == "LoggerMessageAttribute")
        where attribute is not null
        select new LogMessage(project, declared.File, method, IdOf(attribute), EventNameOf(attribute) ?? method.Name);

    /// <summary>Ids that are missing, taken, or outside of the range of their folder, and names that are taken.</summary>
    public static IEnumerable<string> WrongEvents(IReadOnlyList<LogMessage> messages, IReadOnlyList<EventRange> ranges)
    {
        foreach (var message in messages)
        {
            var range = ranges.FirstOrDefault(r => r.Covers(message.Project.Name, message.File.Folder));
            if (message.Id is not { } id) yield return $"{message.Name} has no event id";
            else if (range is null) yield return $"{message.Name} is in a folder without a range";
            else if (id < range.First || id > range.Last) yield return $"{message.Name} has event id {id}, outside of {range.First} to {range.Last}";
        }

        foreach (var same in messages.Where(m => m.Id is not null).GroupBy(m => m.Id!.Value).Where(g => g.Count() > 1))
            yield return $"{string.Join(" and ", same.Select(m => m.Name))} share event id {same.Key}";
        foreach (var same in messages.GroupBy(m => m.EventName, StringComparer.Ordinal).Where(g => g.Count() > 1))
            yield return $"{string.Join(" and ", same.Select(m => m.Name))} share an event name";
    }

    /// <summary>Messages that log an exception with its text, which may hold what a user wrote.</summary>
    public static IEnumerable<string> RawExceptions(SourceProject project) =>
        from message in In(project)
        where message.Method.Parameters.Any(p => IsException(p.Type) && p.Type.Name != "LoggableError")
        select $"{message.File} logs an exception in {message.Method.Name}";

    /// <summary>Messages that are not source-generated: they have no event id, and their exceptions are not seen by the rule above.</summary>
    public static IEnumerable<string> Inline(SourceProject project) =>
        from file in project.Files
        from use in file.Uses.All
        where use.Symbol is IMethodSymbol { ContainingType: { Name: "LoggerExtensions" or "ILogger" } type, Name: not ("BeginScope" or "IsEnabled") }
            && type.ContainingNamespace.ToString() == "Microsoft.Extensions.Logging"
        select $"{file} logs by {use.Symbol.Name}";

    private static bool IsException(ITypeSymbol? type) =>
        type is not null && (type is { Name: "Exception", ContainingNamespace.Name: "System" } || IsException(type.BaseType));

    private static int? IdOf(AttributeData attribute)
    {
        if (attribute.NamedArguments.FirstOrDefault(a => a.Key == "EventId").Value.Value is int named) return named;
        return attribute.AttributeConstructor?.Parameters.FirstOrDefault() is { Name: "eventId" } ? (int?)attribute.ConstructorArguments[0].Value : null;
    }

    private static string? EventNameOf(AttributeData attribute) => attribute.NamedArguments.FirstOrDefault(a => a.Key == "EventName").Value.Value as string;
}
