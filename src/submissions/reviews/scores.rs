//! The points of each criterion as they stand: what the service gave at once, what people gave later, which of them counts.
//!
//! A review never removes what the service said, and a later review never removes an earlier one: both stay to be read.

use serde::Serialize;
use utoipa::ToSchema;

use crate::attempts::fraction::Fraction;
use crate::attempts::points::{milli, points, thousandths};
use crate::db::types::{Id, Json};
use crate::db::{Conn, Stored};
use crate::lessons::catalogue::Catalogue;
use crate::lessons::format::AuthoredCriterion;
use crate::submissions::feedback::Feedback;
use crate::submissions::feedback::scores::exact as automatic;
use crate::submissions::reviews::wire::Points;
use crate::submissions::rules::SubmissionState;
use crate::submissions::store::{self, SubmissionRow};

/// One criterion of the rubric, as this submission has it.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct CriterionScore {
    #[schema(example = "crit-diagnosis-supported")]
    pub criterion: String,
    /// What the rubric gives at most.
    #[schema(minimum = 0)]
    pub max: f64,
    /// What the service gave; null where only people score it, and after a change until it is submitted again.
    pub automatic: Option<AutomaticPoints>,
    /// What the last review that names it gave, of those since the last submission; null where there is none.
    pub reviewed: Option<ReviewedPoints>,
    /// The points that count: the reviewed ones, else the automatic ones, else null.
    #[schema(minimum = 0)]
    pub counts: Option<f64>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct AutomaticPoints {
    #[schema(minimum = 0)]
    pub points: f64,
    pub reason: String,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct ReviewedPoints {
    #[schema(minimum = 0)]
    pub points: f64,
    pub comment: Option<String>,
    /// The id of the review.
    pub review: Id,
}

/// All criteria, in the rubric's order. `reviews` are the newest first, each with the points it gave.
pub fn scores(rubric: &[AuthoredCriterion], feedback: Option<&Feedback>, reviews: &[(Id, Vec<Points>)]) -> Vec<CriterionScore> {
    let one = |criterion: &AuthoredCriterion| {
        let given = feedback.and_then(|feedback| feedback.criteria.iter().find(|given| given.id == criterion.id));
        let automatic = given.map(|given| AutomaticPoints { points: given.points, reason: given.reason.clone() });
        let reviewed = reviews.iter().find_map(|(review, given)| {
            let given = given.iter().find(|given| given.id == criterion.id)?;
            Some(ReviewedPoints { points: given.points, comment: given.comment.clone(), review: *review })
        });
        let counts = reviewed.as_ref().map(|r| r.points).or(automatic.as_ref().map(|a| a.points));
        CriterionScore { criterion: criterion.id.clone(), max: criterion.points, automatic, reviewed, counts }
    };
    rubric.iter().map(one).collect()
}

/// What counts, summed exactly and rounded once to three decimals: of people the points that they gave, of the service the share of
/// checks that passed.
pub fn total_points(scores: &[CriterionScore], feedback: Option<&Feedback>) -> f64 {
    let exact = |score: &CriterionScore| {
        let given = feedback.filter(|_| score.reviewed.is_none());
        let given = given.and_then(|given| Some((given.criteria.iter().find(|one| one.id == score.criterion)?, &given.checks)));
        given.map_or_else(|| Fraction::new(milli(score.counts.unwrap_or_default()), 1), |(one, checks)| automatic(one, checks))
    };
    points(thousandths(scores.iter().map(exact).fold(Fraction::ZERO, Fraction::plus)))
}

/// The scores of a submission; none before it was submitted. Only what was judged since costs a query.
pub fn scores_of(conn: &mut Conn, catalogue: &Catalogue, row: &SubmissionRow) -> Stored<Option<Vec<CriterionScore>>> {
    if row.submitted_at.is_none() {
        return Ok(None);
    }
    let judged = matches!(row.state(), SubmissionState::Returned | SubmissionState::Reviewed);
    let reviews = if judged { store::judged(conn, row.tenant_id, row.id)? } else { Vec::new() };
    let reviews: Vec<(Id, Vec<Points>)> =
        reviews.into_iter().map(|(id, criteria)| Ok((id, criteria.read_own()?))).collect::<Stored<_>>()?;
    let feedback: Option<Feedback> = row.feedback.as_ref().map(Json::read_own).transpose()?;
    let rubric = &catalogue.pinned(&row.version)?.content.exercise.rubric;
    Ok(Some(scores(rubric, feedback.as_ref(), &reviews)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_later_review_counts_and_both_stay() {
        let rubric: Vec<AuthoredCriterion> = serde_json::from_value(json!([
            {"id": "a", "part": "evidence", "points": 3.0, "text": {}, "checks": ["where"]},
            {"id": "b", "part": "evidence", "points": 2.0, "text": {}}]))
        .unwrap();
        let feedback: Feedback = serde_json::from_value(
            json!({"complete": true, "checks": [], "criteria": [{"id": "a", "points": 1.5, "max": 3.0, "reason": "r", "checks": []}]}),
        )
        .unwrap();
        let given = |id: &str, points| Points { id: id.to_owned(), points, comment: None };
        let (first, second) = (Id::NIL, "01890000-0000-7000-8000-000000000001".parse().unwrap());
        let reviews = [(second, vec![given("a", 2.0)]), (first, vec![given("a", 1.0), given("b", 0.125)])];

        let alone = scores(&rubric, Some(&feedback), &[]);
        assert_eq!((alone[0].counts, alone[1].counts, total_points(&alone, Some(&feedback))), (Some(1.5), None, 1.5));
        let judged = scores(&rubric, Some(&feedback), &reviews);
        assert_eq!(judged[0].automatic.as_ref().unwrap().points, 1.5);
        assert_eq!((judged[0].reviewed.as_ref().unwrap().review, judged[0].counts), (second, Some(2.0)));
        assert_eq!(
            (judged[1].reviewed.as_ref().unwrap().review, judged[1].counts),
            (first, Some(0.125)),
            "an earlier one stands"
        );
        assert_eq!(total_points(&judged, Some(&feedback)), 2.125);
        assert_eq!(scores(&rubric, None, &[])[0].counts, None);
    }

    #[test]
    fn three_thirds_of_a_point_are_one() {
        let part = ["where", "when", "contrast"];
        let rubric: Vec<AuthoredCriterion> = ["a", "b", "c"]
            .into_iter()
            .map(|id| json!({"id": id, "part": "evidence", "points": 1.0, "text": {}, "checks": part}))
            .map(|one| serde_json::from_value(one).unwrap())
            .collect();
        let check = |id: &str, passed| json!({"part": "evidence", "id": id, "passed": passed, "message": ""});
        let checks = json!([{"part": "escalation", "id": "when", "passed": true, "message": ""}, check("where", true), check("when", false), check("contrast", false)]);
        let checks: Vec<crate::submissions::feedback::checks::Check> = serde_json::from_value(checks).unwrap();
        let criteria = crate::submissions::feedback::scores::criteria(&rubric, &checks);
        assert_eq!(criteria[0].points, 0.333);
        let (score, max_score) = crate::submissions::feedback::scores::sums(&criteria, &checks);
        assert_eq!((score, max_score), (1.0, 3.0));
        let feedback: Feedback =
            serde_json::from_value(json!({"complete": false, "checks": checks, "criteria": criteria})).unwrap();
        assert_eq!(total_points(&scores(&rubric, Some(&feedback), &[]), Some(&feedback)), 1.0);
        // A person's third is what the person wrote.
        let review = (Id::NIL, vec![Points { id: "a".to_owned(), points: 0.333, comment: None }]);
        assert_eq!(total_points(&scores(&rubric, Some(&feedback), &[review]), Some(&feedback)), 1.0, "0.333 + 2/3, rounded");
    }
}
