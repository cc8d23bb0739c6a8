using System.Runtime.InteropServices;
using System.Text.Json;
using PluginHost.Engine.Errors;

namespace PluginHost.Http.Binding;

/// <summary>
/// Finds, anywhere in a document, duplicate keys of an object and text that is not Unicode: half of a surrogate pair,
/// which JSON can write but nothing can store.
/// </summary>
internal sealed class JsonText(InputErrors errors)
{
    /// <summary>What is wrong with text that is not Unicode.</summary>
    public const string HalfPair = "The text holds half of a surrogate pair.";

    private bool _unreadable;

    /// <exception cref="ProblemException">400: some text cannot be read, so nothing more can be checked.</exception>
    public static void Check(JsonElement root, InputErrors errors)
    {
        var text = new JsonText(errors);
        text.CheckObject(root, isRoot: true);
        if (text._unreadable) errors.ThrowIfAny();
    }

    /// <summary>Whether all names and texts of a document are Unicode.</summary>
    public static bool IsUnicode(JsonElement root)
    {
        var text = new JsonText(new InputErrors());
        text.CheckValue(root, name: null);
        return !text._unreadable;
    }

    /// <summary>Paths grow from the inside out: a long name over many objects builds none as long as nothing is wrong.</summary>
    private void CheckValue(JsonElement value, string? name, int index = 0)
    {
        var before = errors.Count;
        CheckContent(value);
        if (errors.Count > before) errors.Prefix(before, name ?? InputErrors.At("", index));
    }

    private void CheckContent(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object) CheckObject(value, isRoot: false);
        else if (value.ValueKind == JsonValueKind.Array) CheckList(value);
        else if (!IsReadable(value)) Unreadable("");
    }

    private void CheckList(JsonElement list)
    {
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (NeedsCheck(item)) CheckValue(item, null, index);
            index++;
        }
    }

    private void CheckObject(JsonElement value, bool isRoot)
    {
        if (PropertyNames.ArePlain(value))
        {
            CheckMembers(value);
            return;
        }

        var names = new PropertyNames(value.GetPropertyCount());
        foreach (var property in value.EnumerateObject())
        {
            if (NameOf(property) is not { } name)
            {
                Unreadable(isRoot ? "$" : "");
                continue;
            }

            if (!names.Add(name)) errors.Add(InputErrors.NameOf(name), "Duplicate key.");
            if (NeedsCheck(property.Value)) CheckValue(property.Value, InputErrors.NameOf(name));
        }
    }

    /// <summary>Checks the members of an object whose names need no check.</summary>
    private void CheckMembers(JsonElement value)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (!NeedsCheck(property.Value)) continue;
            var before = errors.Count;
            CheckContent(property.Value);
            if (errors.Count > before) errors.Prefix(before, InputErrors.NameOf(property.Name));
        }
    }

    private void Unreadable(string path)
    {
        _unreadable = true;
        errors.Add(path, HalfPair, "Unicode");
    }

    /// <summary>Only lists, objects and text with escapes can be wrong: paths to the others need not be built.</summary>
    private static bool NeedsCheck(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array => true,
        JsonValueKind.String => JsonMarshal.GetRawUtf8Value(value).Contains((byte)'\\'),
        _ => false,
    };

    private static bool IsReadable(JsonElement value)
    {
        try
        {
            return value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            // This is how the JSON reader reports an invalid escape.
            return false;
        }
    }

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // As above.
            return null;
        }
    }
}
