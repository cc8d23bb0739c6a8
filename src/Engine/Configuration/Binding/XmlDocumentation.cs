using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// The documentation files beside assemblies; empty when there are none. They are read when the first text is listed: a start needs none of
/// them. Thread-safe.
/// </summary>
internal sealed partial class XmlDocumentation(params IEnumerable<string> assemblyFiles)
{
    private readonly Lazy<Dictionary<string, XElement>> _members = new(() => Read(assemblyFiles));

    /// <summary>Reads the documentation of a type; null when there is none.</summary>
    public Func<string?> Type(Type type)
    {
        // Not the type, whose context may be gone by then.
        var name = NameOf(type);
        return () => Clean(Find($"T:{name}")?.Element("summary"));
    }

    /// <summary>Reads the documentation of an option: its record's parameter, or the property of that name.</summary>
    public Func<string?> Option(Type record, string name)
    {
        var recordName = NameOf(record);
        return () =>
        {
            var parameter = Find($"T:{recordName}")?.Elements("param").FirstOrDefault(p => p.Attribute("name")?.Value == name);
            return Clean(parameter ?? Find($"P:{recordName}.{name}")?.Element("summary"));
        };
    }

    private static Dictionary<string, XElement> Read(IEnumerable<string> assemblyFiles)
    {
        var members = new Dictionary<string, XElement>(StringComparer.Ordinal);
        foreach (var file in assemblyFiles) Add(members, Path.ChangeExtension(file, ".xml"));
        return members;
    }

    private static void Add(Dictionary<string, XElement> members, string file)
    {
        try
        {
            if (!File.Exists(file)) return;
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                if (member.Attribute("name")?.Value is { } name) members[name] = member;
            }
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // A plugin works without its documentation.
        }
    }

    private XElement? Find(string name) => _members.Value.GetValueOrDefault(name);

    private static string NameOf(Type type) => type.FullName?.Replace('+', '.') ?? "";

    private static string? Clean(XElement? element)
    {
        if (element is null) return null;

        // References have no text.
        var text = string.Concat(element.DescendantNodes().Select(n => n switch
        {
            XText t => t.Value,
            XElement e => (e.Attribute("cref")?.Value.Split('.')[^1] ?? e.Attribute("langword")?.Value ?? e.Attribute("name")?.Value) ?? "",
            _ => "",
        }));
        return Whitespace().Replace(text, " ").Trim() is { Length: > 0 } clean ? clean : null;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
