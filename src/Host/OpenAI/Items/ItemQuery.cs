using System.Globalization;
using PluginHost.Engine.Errors;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Items;

/// <summary>The requested part of a list of items.</summary>
internal sealed record ItemQuery(int Limit, ListOrder Order, string? After)
{
    /// <summary>Newest first unless asked otherwise. Unknown parameters are ignored: clients add their own.</summary>
    public static ItemQuery Read(IQueryCollection query, InputErrors errors)
    {
        var limit = 20;
        if (query.TryGetValue("limit", out var text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > 100))
        {
            errors.Add("limit", "This is not a limit that the list takes.", "a whole number from 1 to 100");
        }

        var order = query["order"].ToString();
        if (order is not ("" or "asc" or "desc")) errors.Add("order", "The order is not known.", "asc, desc");
        var after = query["after"].ToString();
        return new ItemQuery(limit, order == "asc" ? ListOrder.Ascending : ListOrder.Descending, after.Length == 0 ? null : after);
    }

    /// <summary>Cuts the part from a whole list, which is oldest first.</summary>
    /// <exception cref="ProblemException">400 for an unknown cursor.</exception>
    public ItemList Cut(List<Item> items)
    {
        if (Order == ListOrder.Descending) items.Reverse();
        var start = 0;
        if (After is not null)
        {
            start = items.FindIndex(i => i.Id == After) + 1;
            if (start == 0) throw UnknownCursor(After);
        }

        return new ItemList([.. items.Skip(start).Take(Limit)], items.Count - start > Limit);
    }

    public static ProblemException UnknownCursor(string after) =>
        ProblemException.Invalid(new ProblemError("after", $"There is no item '{after}' in this list.", "the id of an item of an earlier page"));
}
