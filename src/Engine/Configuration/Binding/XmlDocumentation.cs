using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>The documentation files beside assemblies; empty when there are none.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _members = new(StringComparer.Ordinal);

    public static XmlDocumentation Read(params IEnumerable<string> assemblyFiles)
    {
        var result = new XmlDocumentation();
        foreach (var file in assemblyFiles) result.Add(Path.ChangeExtension(file, ".xml"));
        return result;
    }

    public string? Type(Type type) => Clean(Find($"T:{NameOf(type)}")?.Element("summary"));

    /// <summary>The documentation of an option: its record's parameter, or the property of that name.</summary>
    public string? Option(Type record, string name)
    {
        var parameter = Find($"T:{NameOf(record)}")?.Elements("param").FirstOrDefault(p => p.Attribute("name")?.Value == name);
        return Clean(parameter ?? Find($"P:{NameOf(record)}.{name}")?.Element("summary"));
    }

    private void Add(string file)
    {
        try
        {
            if (!File.Exists(file)) return;
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                if (member.Attribute("name")?.Value is { } name) _members[name] = member;
            }
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // A plugin works without its documentation.
        }
    }

    private XElement? Find(string name) => _members.GetValueOrDefault(name);

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
