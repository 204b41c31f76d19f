/* Of every resource there is it is known what may cause it. */
#include "analyzer/insight/resource_traits.h"
#include "preload/resources/catalogue.h"

#include <criterion/criterion.h>

Test(resource_traits, the_table_has_every_resource)
{
    for (enum resource i = 0; i < RESOURCE_COUNT; i++) {
        const struct resource_info *info = resource_info(i);
        const struct resource_trait *trait =
            resource_trait(info->name, info->type == TRACE_RESOURCE_COUNTER);
        cr_expect_not_null(trait->name, "%s", info->name);
        cr_expect((trait->left_out == NULL) == (trait->activities != 0), "%s", info->name);
    }
}
