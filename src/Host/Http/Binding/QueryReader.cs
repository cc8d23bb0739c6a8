using System.Globalization;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Http.Binding;

/// <summary>Reads the query of a request strictly: only what the endpoint declares, each at most once.</summary>
internal sealed class QueryReader
{
    private readonly IQueryCollection _query;
    private readonly InputErrors _errors;

    public QueryReader(HttpContext context, InputErrors errors)
    {
        _query = context.Request.Query;
        _errors = errors;
        var known = context.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>() ?? QueryParameters.None;
        foreach (var (name, values) in _query)
        {
            if (!known.All.Any(p => p.Name == name))
                errors.Add(name, "The query parameter is not known.", NamesOf(known));
            else if (values.Count > 1)
                errors.Add(name, "The query parameter stands more than once.");
        }
    }

    public int Limit()
    {
        if (Value("limit") is not { } text) return 20;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= 100) return limit;
        _errors.Add("limit", "This is not a limit that the list takes.", "a whole number from 1 to 100");
        return 20;
    }

    public ListOrder Order()
    {
        switch (Value("order"))
        {
            case null or "asc":
                return ListOrder.Ascending;
            case "desc":
                return ListOrder.Descending;
            default:
                _errors.Add("order", "The order is not known.", "asc, desc");
                return ListOrder.Ascending;
        }
    }

    /// <summary>A cursor: the id of an item.</summary>
    public string? Cursor(string name)
    {
        var id = Value(name);
        if (id is null || SessionIds.IsValid(id)) return id;
        _errors.Add(name, "The cursor is broken: it has to be the id of an item.", SessionIds.Allowed);
        return null;
    }

    public bool Flag(string name)
    {
        switch (Value(name))
        {
            case null or "false":
                return false;
            case "true":
                return true;
            default:
                _errors.Add(name, "This is neither true nor false.", "true, false");
                return false;
        }
    }

    private static string NamesOf(QueryParameters known) =>
        known.All.Count == 0 ? "none" : string.Join(", ", known.All.Select(p => p.Name));

    private string? Value(string name) => _query.TryGetValue(name, out var values) ? values.ToString() : null;
}
