using System.ComponentModel.DataAnnotations;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Items;

/// <summary>The query of a list of items, newest first unless asked otherwise.</summary>
internal sealed record ItemQuery([Range(1, 100)] int Limit = 20, [AllowedText("asc", "desc")] string Order = "desc", string? After = null)
{
    public ListOrder ListOrder => Order == "asc" ? ListOrder.Ascending : ListOrder.Descending;

    /// <summary>Cuts the part from a whole list, which is oldest first.</summary>
    /// <exception cref="ProblemException">400 for an unknown cursor.</exception>
    public ItemList Cut(List<Item> items)
    {
        if (ListOrder == ListOrder.Descending) items.Reverse();
        var start = 0;
        if (After is not null)
        {
            start = items.FindIndex(i => i.Id == After) + 1;
            if (start == 0) throw UnknownCursor(After);
        }

        return Page(items[start..]);
    }

    /// <summary>The first items of those that are left. A page ends early when it is large.</summary>
    public ItemList Page(List<Item> left)
    {
        var page = left[..Math.Min(Limit, left.Count)];
        page = page[..PageBytes.CountFitting(page, ItemSize.Measure)];
        return new ItemList(page, left.Count > page.Count);
    }

    public static ProblemException UnknownCursor(string after) =>
        ProblemException.Invalid(new ProblemError("after", $"There is no item '{after}' in this list.", "the id of an item of an earlier page"));
}
